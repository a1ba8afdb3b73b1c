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
  const { parseDocument } = requireYaml('yaml') as typeof import('yaml');
  try {
    const document = parseDocument(text, { schema: 'core', merge: true, uniqueKeys: true, logLevel: 'silent' });
    const problem = document.errors[0];
    if (problem !== undefined) throw unreadable(firstLine(problem.message), problem);
    const size = expandedSize(document.contents, maxValues, maxDepth);
    if (size === 'depth') throw unreadable(`the document is nested deeper than ${maxDepth} levels`);
    if (size === 'size') throw unreadable(`the document, its aliases written out, holds more than ${maxValues} values`);
    // The size is bounded above, so the library's own count of aliases, which refuses plain reuse, is switched off.
    const value: unknown = document.toJS({ maxAliasCount: -1 });
    return JSON.parse(JSON.stringify(value, jsonOnly) ?? 'null') as Json;
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    // The parser recurses: a nesting it cannot follow ends in a RangeError.
    const detail = cause instanceof RangeError ? 'the document is nested too deeply' : (cause as Error).message;
    throw unreadable(firstLine(detail), cause);
  }
}

function jsonOnly(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw unreadable(`${key}: ${value} is not a JSON number`);
  if (typeof value === 'bigint') throw unreadable(`${key}: the number is too large`);
  return value;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.replace(/:$/, '') ?? '';
}

function unreadable(detail: string, cause?: unknown): SluiceError {
  return new SluiceError(errors.openapiUnreadable, { detail }, { cause });
}
