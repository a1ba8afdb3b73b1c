import { createRequire } from 'node:module';
import { errors } from '../errors/catalogue.ts';
import { SluiceError } from '../errors/entry.ts';
import type { Json, JsonObject } from '../json.ts';
import { findJsonFlaw, maxDepth } from './scan.ts';
import { expandedSize } from './yaml-size.ts';

/** WSO2's limit on uploaded definitions. */
export const maxDefinitionBytes = 10 * 1024 * 1024;

/** Values in a definition, aliases written out; the largest public descriptions hold some 600,000. */
const maxValues = 2_000_000;

/** Texts that authors forget to quote: as numbers, 1.10 would become 1.1 and 2.0 would become 2. */
const versionMembers = [['swagger'], ['openapi'], ['info', 'version']];

/** Loaded with the first YAML document, since most starts of the program read none. */
const requireYaml = createRequire(import.meta.url);

/**
 * Reads a definition in JSON or YAML. References are left as they stand; nothing is fetched.
 * Members given twice, nesting deeper than 256 levels and aliases that multiply without bound are refused.
 * Throws `definitionTooLarge` or `openapiUnreadable`.
 */
export function readDefinition(source: string | Uint8Array, maxBytes: number = maxDefinitionBytes): JsonObject {
  const size = typeof source === 'string' ? Buffer.byteLength(source) : source.byteLength;
  if (size > maxBytes) throw new SluiceError(errors.definitionTooLarge, { limit: maxBytes });
  const text = typeof source === 'string' ? source.replace(/^\uFEFF/, '') : decode(source);
  const first = /[^\s]/.exec(text)?.[0];
  const value = first === '{' || first === '[' ? readJson(text) : readYaml(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable('the document is not an object of named members');
  }
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable('the document is not UTF-8 text', cause);
  }
}

function readJson(text: string): Json {
  const flaw = findJsonFlaw(text);
  if (flaw?.kind === 'depth') throw unreadable(`${flaw.path} … is nested deeper than ${maxDepth} levels`);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw unreadable((cause as Error).message, cause);
  }
  if (flaw !== undefined) throw unreadable(`${flaw.path} stands twice in its object (line ${flaw.line})`);
  return value;
}

function readYaml(text: string): Json {
  const { isScalar, parseDocument } = requireYaml('yaml') as typeof import('yaml');
  try {
    const document = parseDocument(text, { schema: 'core', merge: true, uniqueKeys: true, logLevel: 'error' });
    const problem = document.errors[0];
    if (problem !== undefined) throw unreadable(yamlProblem(problem), problem);
    const size = expandedSize(document.contents, maxValues, maxDepth);
    if (size === 'depth') throw unreadable(`the document is nested deeper than ${maxDepth} levels`);
    if (size === 'size') throw unreadable(`the document, its aliases written out, holds more than ${maxValues} values`);
    for (const path of versionMembers) {
      const scalar: unknown = document.getIn(path, true);
      if (isScalar(scalar) && typeof scalar.value === 'number') scalar.value = scalar.source;
    }
    // The size is bounded above, so the library's own count of aliases, which refuses plain reuse, is switched off.
    const value: unknown = document.toJS({ maxAliasCount: -1 });
    return JSON.parse(JSON.stringify(value, jsonOnly) ?? 'null') as Json;
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    throw unreadable(yamlProblem(cause as Error), cause);
  }
}

function jsonOnly(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw unreadable(`${key}: ${value} is not a JSON number`);
  if (typeof value === 'bigint') throw unreadable(`${key}: the number is too large`);
  return value;
}

/** The parser recurses: a nesting it cannot follow ends in a RangeError, thrown or listed. Further lines of a message quote the document. */
function yamlProblem({ message }: Error): string {
  if (message.startsWith('Maximum call stack')) return 'the document is nested too deeply';
  return message.split('\n', 1)[0]?.replace(/:$/, '') ?? '';
}

function unreadable(detail: string, cause?: unknown): SluiceError {
  return new SluiceError(errors.openapiUnreadable, { detail }, { cause });
}
