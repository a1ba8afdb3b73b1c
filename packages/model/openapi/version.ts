import type { JsonObject } from '../json.ts';

/** Kinds of description that are read. */
export type DefinitionVersion = '2.0' | '3.0' | '3.1';

/** The version that a document says it has; undefined when it is no description of an API at all, or one of another version. */
export function versionOf({ swagger, openapi }: JsonObject): DefinitionVersion | undefined {
  if (swagger === '2.0') return '2.0';
  if (typeof openapi !== 'string') return undefined;
  if (/^3\.0(\.|$)/.test(openapi)) return '3.0';
  return /^3\.1(\.|$)/.test(openapi) ? '3.1' : undefined;
}

/** The version as it stands, also where it is none that is read, for messages. */
export function saidVersion({ swagger, openapi }: JsonObject): string | undefined {
  const said = openapi ?? swagger;
  return typeof said === 'string' || typeof said === 'number' ? String(said).slice(0, 40) : undefined;
}

/** The methods that a path can have, in the order in which operations are listed. */
export const verbs = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'] as const;
