import type { Json } from '../json.ts';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A value as an element: members are its children, a list repeats its element. */
export function writeXml(name: string, value: Json): string {
  if (Array.isArray(value)) return value.map((item) => writeXml(name, item)).join('');
  const tag = elementName(name);
  if (value === null) return `<${tag}/>`;
  if (typeof value !== 'object') return `<${tag}>${escaped(String(value))}</${tag}>`;
  const children = Object.entries(value).map(([member, child]) => writeXml(member, child));
  return `<${tag}>${children.join('')}</${tag}>`;
}

/** Names of JSON may hold what those of XML may not. */
function elementName(name: string): string {
  const tag = name.replace(/[^\w.-]/g, '_');
  return /^[A-Za-z_]/.test(tag) ? tag : `_${tag}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] ?? '').replace(/[^\P{Cc}\t\n\r]/gu, '\ufffd');
}
