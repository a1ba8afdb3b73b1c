import type { SharedReference } from '../endpoint.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Side } from './group.ts';
import { asObject, text } from './scalars.ts';

/** `endpoint_type` of what stands elsewhere, lower-cased. `registry` is WSO2's, whose `url` is the path there; the others are Synapse's, which WSO2's form lacks. */
export type ReferenceKind = 'indirect' | 'registry' | 'template';

const mostParameters = 50;
const longestValue = 8192;
/** As Synapse writes them behind `$`. */
const parameterName = /^[A-Za-z_][\w-]{0,63}$/;

export function isReferenceKind(kind: string): kind is ReferenceKind {
  return kind === 'indirect' || kind === 'registry' || kind === 'template';
}

/** Whether a shared endpoint may have that name: registry paths are names too. */
export function isSharedName(name: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(name);
}

export function isParameterName(name: string): boolean {
  return parameterName.test(name) && name !== '__proto__';
}

/** One side of a configuration; null where it is not given. */
export function parseReferenceSide(
  config: JsonObject,
  kind: ReferenceKind,
  side: Side,
  findings: Findings,
): SharedReference | null {
  const path = `${side.key}_endpoints`;
  const value = config[path];
  if (value === undefined || value === '' || value === null) return null;
  if (side.security !== null) {
    findings.warning('endpoint_security', undefined, 'none', 'A shared endpoint has its own; this one is not used.');
  }
  return parseReference(value, kind, side.name, path, findings);
}

/** Reads `{ key }`, or `{ template, uri, parameters }`; null where nothing is named. */
export function parseReference(
  value: Json,
  kind: ReferenceKind,
  name: string,
  path: string,
  findings: Findings,
): SharedReference | null {
  const source = asObject(value);
  if (source === undefined) {
    findings.error(path, value, 'an object with a key', 'Write { "key": "name of the shared endpoint" }.');
    return null;
  }
  const given = kind === 'template' ? 'template' : source.key === undefined ? 'url' : 'key';
  const key = text(source, given, path, findings);
  if (key === undefined) return null;
  if (!isSharedName(key)) {
    findings.error(member(path, given), key, 'at most 255 characters without blanks', 'Name a shared endpoint.');
    return null;
  }
  if (kind !== 'template') return { kind: 'indirect', name, key, parameters: {} };
  const uri = text(source, 'uri', path, findings);
  const parameters = parseParameters(source.parameters, member(path, 'parameters'), findings);
  return { kind, name, key, parameters: uri === undefined ? parameters : { ...parameters, uri } };
}

function parseParameters(value: Json | undefined, path: string, findings: Findings): Record<string, string> {
  if (value === undefined || value === null || value === '') return {};
  const source = asObject(value);
  if (source === undefined || Object.keys(source).length > mostParameters) {
    findings.error(path, value, `an object of at most ${mostParameters} members`, 'Give a value to each parameter.');
    return {};
  }
  const parameters: Record<string, string> = {};
  for (const [name, one] of Object.entries(source)) {
    const written = typeof one === 'number' || typeof one === 'boolean' ? String(one) : one;
    if (!isParameterName(name)) {
      findings.error(
        member(path, name),
        one,
        'a name of letters, digits, _ and -',
        'Name a parameter of the template.',
      );
    } else if (typeof written !== 'string' || written.length > longestValue) {
      findings.error(member(path, name), one, `text of at most ${longestValue} characters`, 'Correct the value.');
    } else parameters[name] = written;
  }
  return parameters;
}

/** The reference as it is read. A member of a group says its own kind. */
export function formatReference({ kind, key, parameters }: SharedReference, inGroup: boolean): JsonObject {
  const own = inGroup ? { endpoint_type: kind } : {};
  if (kind === 'indirect') return { ...own, key };
  return { ...own, template: key, ...(Object.keys(parameters).length > 0 && { parameters: { ...parameters } }) };
}
