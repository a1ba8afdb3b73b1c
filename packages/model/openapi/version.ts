import type { Json, JsonObject } from '../json.ts';

/** Kinds of description that are read. */
export type DefinitionVersion = '2.0' | '3.0' | '3.1';

/** The version that a document says it has; undefined when it is no description of an API at all, or one of another version. */
export function versionOf(document: JsonObject): DefinitionVersion | undefined {
  // Unquoted in YAML, 2.0 and 3.1 are numbers.
  if (saidVersion(document.swagger) === '2.0' || document.swagger === 2) return '2.0';
  const said = saidVersion(document.openapi);
  if (said === undefined) return undefined;
  if (/^3(\.0(\.|$)|$)/.test(said)) return '3.0';
  return /^3\.1(\.|$)/.test(said) ? '3.1' : undefined;
}

/** The version text as it stands, for messages and for the validation response. */
export function saidVersion(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : undefined;
}

/** The methods that a path can have, in the order in which operations are listed. */
export const verbs = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'] as const;
