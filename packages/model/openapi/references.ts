import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';

/** Members whose content is data of the API, not part of the description: a `$ref` in there is just text. */
const dataMembers = new Set(['example', 'examples', 'default', 'enum', 'const', 'value']);
/** Members whose own members are names chosen by the author. */
const nameMaps = new Set([
  ...['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas', 'schemas', 'responses'],
  ...['parameters', 'headers', 'requestBodies', 'securitySchemes', 'links', 'callbacks', 'pathItems', 'paths'],
  ...['webhooks', 'content', 'encoding', 'variables', 'mapping', 'scopes'],
]);

/** Chains of references longer than this are taken for circles. */
const maxHops = 32;

/** Calls back for every object with a `$ref` text that belongs to the description; stops below data. Depth is bounded by the reader. */
function eachReference(document: JsonObject, visit: (reference: string, path: string) => void): void {
  walk(document, '', false);

  function walk(value: Json, path: string, isNameMap: boolean): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(item, member(path, index), false);
      return;
    }
    if (!isNameMap && typeof value.$ref === 'string') visit(value.$ref, path);
    for (const [name, child] of Object.entries(value)) {
      if (isNameMap) walk(child, member(path, name), false);
      else if (name === 'examples') visitExamples(child, member(path, name));
      else if (!isData(name)) walk(child, member(path, name), nameMaps.has(name));
    }
  }

  /** From 3.0 on an example may itself be a reference. Swagger 2.0 keeps data here, by media type; schemas of 3.1 keep it in a list. */
  function visitExamples(examples: Json, path: string): void {
    if (typeof examples !== 'object' || examples === null || Array.isArray(examples)) return;
    for (const [name, example] of Object.entries(examples)) {
      if (name.includes('/') || typeof example !== 'object' || example === null || Array.isArray(example)) continue;
      if (typeof example.$ref === 'string') visit(example.$ref, member(path, name));
    }
  }
}

function isData(name: string): boolean {
  return dataMembers.has(name) || name.startsWith('x-');
}

/** The value that a reference within the document means; undefined when there is none, or none within bounds. */
function resolvePointer(document: JsonObject, reference: string): Json | undefined {
  if (reference === '#') return document;
  if (!reference.startsWith('#/')) return undefined;
  let value: Json | undefined = document;
  for (const part of reference.slice(2).split('/')) {
    const name = decodePart(part);
    if (Array.isArray(value)) value = /^\d{1,9}$/.test(name) ? value[Number(name)] : undefined;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, name)) value = value[name];
    else return undefined;
  }
  return value;
}

function decodePart(part: string): string {
  let decoded = part;
  if (part.includes('%')) {
    try {
      decoded = decodeURIComponent(part);
    } catch {
      // A stray percent sign is part of the name.
    }
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** `value` itself, or what it refers to within the document; undefined when that leads nowhere. */
export function resolve(document: JsonObject, value: Json | undefined): Json | undefined {
  let current = value;
  for (let hop = 0; hop < maxHops; hop++) {
    if (typeof current !== 'object' || current === null || Array.isArray(current)) return current;
    if (typeof current.$ref !== 'string') return current;
    current = resolvePointer(document, current.$ref);
  }
  return undefined;
}

/** Checks every reference: those that leave the document are refused, those that lead nowhere are named. Gives the first that leaves. */
export function checkReferences(
  document: JsonObject,
  findings: Findings,
): { readonly reference: string; readonly path: string } | undefined {
  const known = new Map<string, boolean>();
  let outside: { reference: string; path: string } | undefined;
  eachReference(document, (reference, path) => {
    if (!reference.startsWith('#')) {
      outside ??= { reference: reference.slice(0, 200), path: member(path, '$ref') };
      findings.error(
        member(path, '$ref'),
        reference,
        'a reference within the document, beginning with #/',
        'Bundle the document into one file; references to files and addresses are never followed.',
      );
      return;
    }
    // Anchors of JSON Schema 2020-12 (`#name`) are the schema's own affair.
    if (reference !== '#' && !reference.startsWith('#/')) return;
    let found = known.get(reference);
    if (found === undefined) {
      found = resolve(document, { $ref: reference }) !== undefined;
      known.set(reference, found);
    }
    if (!found) {
      findings.error(
        member(path, '$ref'),
        reference,
        'the place of something in this document',
        'Add what is meant, or correct the reference.',
      );
    }
  });
  return outside;
}
