import { errors } from '../errors/catalogue.ts';
import { SluiceError } from '../errors/entry.ts';
import type { Json, JsonObject } from '../json.ts';
import { findJsonFlaw, maxDepth } from './scan.ts';
import { parseYaml } from './yaml.ts';

/** WSO2's limit on uploaded definitions. */
export const maxDefinitionBytes = 10 * 1024 * 1024;

/** Values in a definition, aliases written out; the largest public descriptions hold some 600,000. */
const maxValues = 2_000_000;

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
  try {
    // Aliased nodes are shared until here; as text and back, each place has its own.
    return JSON.parse(JSON.stringify(parseYaml(text, { maxDepth, maxValues }))) as Json;
  } catch (cause) {
    // The library recurses: a nesting it cannot follow ends in a RangeError, thrown or among its messages.
    const { message } = cause as Error;
    throw unreadable(message.startsWith('Maximum call stack') ? 'the document is nested too deeply' : message, cause);
  }
}

function unreadable(detail: string, cause?: unknown): SluiceError {
  return new SluiceError(errors.openapiUnreadable, { detail }, { cause });
}
