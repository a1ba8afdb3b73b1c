import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';

/** `value` when it is a JSON object. */
export function asObject(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** A text member, trimmed; undefined when it is absent or empty, with a finding when it is no text. */
export function text(parent: JsonObject, key: string, path: string, findings: Findings): string | undefined {
  const value = parent[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  findings.error(member(path, key), value, 'text', 'Give the value as a string.');
  return undefined;
}

/**
 * A whole number of `minimum` or more, at most `maximum` where there is one, given as a number or, as the publisher's forms write it, as a
 * string. Undefined when it is absent, empty or wrong.
 */
export function wholeNumber(
  parent: JsonObject,
  key: string,
  path: string,
  findings: Findings,
  options: { unit: string; minimum?: number; maximum?: number },
): number | undefined {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = options;
  const number = numeric(parent[key], /^[+-]?\d{1,15}(\.0*)?$/);
  if (number === undefined) return undefined;
  // JSON knows a zero below zero.
  if (Number.isSafeInteger(number) && number >= minimum && number <= maximum) return number === 0 ? 0 : number;
  const range = options.maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`;
  findings.error(
    member(path, key),
    parent[key],
    `a whole number of ${options.unit}, ${range}`,
    'Correct the number, or leave it out for the default.',
  );
  return undefined;
}

const decimals = /^[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})$/;

/** A finite number above zero, as number or string. */
export function factor(parent: JsonObject, key: string, path: string, findings: Findings): number | undefined {
  const number = numeric(parent[key], decimals);
  if (number === undefined) return undefined;
  if (Number.isFinite(number) && number > 0) return number;
  findings.error(member(path, key), parent[key], 'a number above 0', 'Correct the number, or leave it out for 1.');
  return undefined;
}

/** A finite number of 1 or more, as number or string. */
export function atLeastOne(parent: JsonObject, key: string, path: string, findings: Findings): number | undefined {
  const number = numeric(parent[key], decimals);
  if (number === undefined) return undefined;
  if (Number.isFinite(number) && number >= 1) return number;
  findings.error(member(path, key), parent[key], 'a number of 1 or more', 'Correct the number, or leave it out.');
  return undefined;
}

/** Undefined when nothing is there, NaN when it is no number. */
function numeric(value: Json | undefined, form: RegExp): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return Number.NaN;
  const trimmed = value.trim();
  if (trimmed === '') return undefined;
  return form.test(trimmed) ? Number(trimmed) : Number.NaN;
}

/** A switch, as boolean or as the words true and false in any case. */
export function flag(parent: JsonObject, key: string, path: string, findings: Findings): boolean | undefined {
  const value = parent[key];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    const word = value.trim().toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
  }
  findings.error(member(path, key), value, 'true or false', 'Correct the value, or leave it out.');
  return undefined;
}

/** The value of one of `choices`, whose names are compared lower-cased; empty is absent. */
export function choice<T extends string>(
  parent: JsonObject,
  key: string,
  path: string,
  findings: Findings,
  choices: Readonly<Record<string, T>>,
): T | undefined {
  const value = parent[key];
  if (value === undefined || value === null || value === '') return undefined;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (typeof value === 'string' && word === '') return undefined;
  for (const [name, meaning] of Object.entries(choices)) if (name.toLowerCase() === word) return meaning;
  findings.error(member(path, key), value, `one of ${Object.keys(choices).join(', ')}`, 'Use one of these.');
  return undefined;
}
