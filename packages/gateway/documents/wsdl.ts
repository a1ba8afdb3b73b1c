import { SaxesParser } from 'saxes';
import { escapeXml } from '../xml/escape.ts';

/** The text is not XML that is read here: not well-formed, with a document type, or nested too deeply. */
export class WsdlError extends Error {
  override readonly name = 'WsdlError';
}

/** Levels of nesting that are read. */
const deepest = 256;

/** What is to be known about a place in a document. */
interface Visitor {
  /** An attribute of the innermost of `path`; its raw value stands from `start` to `end`. */
  attribute?(path: readonly string[], name: string, value: string, start: number, end: number): void;
  /** The innermost element of `path` ends; `start` is its first character, `inner` to `innerEnd` its content. */
  element?(path: readonly string[], start: number, inner: number, innerEnd: number, end: number): void;
}

/**
 * The document with every address of a service replaced: WSDL 1.1 ports (SOAP 1.1, SOAP 1.2 and HTTP, and endpoint references
 * of WS-Addressing) and WSDL 2.0 endpoints. Nothing else changes, not by a blank. Throws `WsdlError`.
 */
export function readdress(text: string, addressFor: (given: string) => string): string {
  const edits: { start: number; end: number; by: string }[] = [];
  const replace = (start: number, end: number, given: string) =>
    edits.push({ start, end, by: escapeXml(addressFor(given.trim())) });
  walk(text, {
    attribute(path, attribute, value, start, end) {
      const port = isAt(path, 'port', 'address') && attribute === 'location';
      const endpoint = isAt(path, 'service', 'endpoint') && attribute === 'address';
      if (port || endpoint) replace(start, end, value);
    },
    element(path, _start, inner, innerEnd) {
      if (isAt(path, 'EndpointReference', 'Address')) replace(inner, innerEnd, text.slice(inner, innerEnd));
    },
  });
  let at = 0;
  let made = '';
  for (const { start, end, by } of edits.sort((one, other) => one.start - other.start)) {
    made += text.slice(at, start) + by;
    at = end;
  }
  return made + text.slice(at);
}

/** Version of the language; undefined for another kind of document. Throws `WsdlError`. */
export function wsdlVersion(text: string): '1.1' | '2.0' | undefined {
  let root: string | undefined;
  walk(text, {
    element(path) {
      root = path.at(-1);
    },
  });
  return root === 'definitions' ? '1.1' : root === 'description' ? '2.0' : undefined;
}

/** The schemas in it, each as a document of its own with the namespaces that it took from around it. Throws `WsdlError`. */
export function schemasOf(text: string): string[] {
  const schemas: string[] = [];
  const around = new Map<string, string>();
  let own = new Set<string>();
  walk(text, {
    attribute(path, name, value) {
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) return;
      if (path.at(-1) === 'schema') own.add(name);
      else if (path.length === 1 || path.at(-1) === 'types') around.set(name, value);
    },
    element(path, start, _inner, _innerEnd, end) {
      if (!isAt(path, 'types', 'schema')) return;
      const tag = /^<[^\s/>]+/.exec(text.slice(start, start + 1024))?.[0] ?? '';
      const added = [...around]
        .filter(([name]) => !own.has(name))
        .map(([name, value]) => ` ${name}="${escapeXml(value)}"`);
      schemas.push(
        `<?xml version="1.0" encoding="UTF-8"?>\n${tag}${added.join('')}${text.slice(start + tag.length, end)}`,
      );
      own = new Set();
    },
  });
  return schemas;
}

function walk(text: string, visitor: Visitor): void {
  const parser = new SaxesParser({ position: true });
  const path: string[] = [];
  const starts: { start: number; inner: number }[] = [];
  parser.on('error', (error) => {
    throw new WsdlError(error.message);
  });
  parser.on('doctype', () => {
    throw new WsdlError(`${parser.line}: a document type is not read`);
  });
  parser.on('opentagstart', ({ name }) => {
    if (path.length >= deepest) throw new WsdlError(`${parser.line}: it is nested deeper than ${deepest} levels`);
    path.push(localName(name));
    starts.push({ start: text.lastIndexOf('<', parser.position - 1), inner: 0 });
  });
  parser.on('attribute', ({ name, value }) => {
    // The parser stands behind the closing quotation mark, which the raw value cannot hold.
    const end = parser.position - 1;
    visitor.attribute?.(path, name, value, text.lastIndexOf(text[end] as string, end - 1) + 1, end);
  });
  parser.on('opentag', () => {
    const top = starts.at(-1);
    if (top) top.inner = parser.position;
  });
  parser.on('closetag', ({ isSelfClosing }) => {
    const { start, inner } = starts.pop() as { start: number; inner: number };
    const end = parser.position;
    visitor.element?.(path, start, inner, isSelfClosing ? inner : text.lastIndexOf('<', end - 1), end);
    path.pop();
  });
  parser.write(text).close();
}

function isAt(path: readonly string[], parent: string, name: string): boolean {
  return path.at(-1) === name && path.at(-2) === parent;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
