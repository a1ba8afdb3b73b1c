import { createHash } from 'node:crypto';
import type { Limit, Measure, Window } from './limit.ts';

/** Characters of a key that are kept; a longer one, which only somebody makes who means no good, ends in its digest instead. */
const longestKey = 400;

/** The key as it stands in a counter's name. */
export function boundedKey(key: string): string {
  if (key.length <= longestKey) return key;
  return `${key.slice(0, longestKey - 64)}#${createHash('sha256').update(key).digest('base64url')}`;
}

/** Everything of a counter's name before its key: level, what is counted, and the window. */
export function prefixOf(level: string, { measure, window }: Pick<Limit, 'measure' | 'window'>): string {
  if (level === '' || level.includes('/')) throw new RangeError(`${JSON.stringify(level)} cannot name a level`);
  return `${level}/${measure}/${formatWindow(window)}/`;
}

/**
 * The name of a counter in every process and gateway: `application/calls/1min/app1:mary`. The amount is no part of it,
 * so that a limit that is changed goes on with the counts it has.
 */
export function counterName(level: string, limit: Pick<Limit, 'measure' | 'window'>, key: string): string {
  return prefixOf(level, limit) + boundedKey(key);
}

function formatWindow(window: Window): string {
  return window.kind === 'aligned' ? `${window.count}${window.unit}` : `${window.millis}ms`;
}

/** What a name says. */
export interface NamedCounter {
  readonly prefix: string;
  readonly level: string;
  readonly measure: Measure;
  readonly window: Window;
  readonly key: string;
}

const measures: readonly string[] = ['calls', 'bytes', 'events'] satisfies Measure[];
const windowText = /^([1-9][0-9]{0,14})(ms|sec|min|hour|day|month)$/;

/** Reads what `counterName` has written; undefined for anything else. */
export function readCounterName(name: string): NamedCounter | undefined {
  const level = name.indexOf('/');
  const measure = name.indexOf('/', level + 1);
  const window = name.indexOf('/', measure + 1);
  if (level <= 0 || measure < 0 || window < 0) return undefined;
  const counted = name.slice(level + 1, measure);
  const parts = windowText.exec(name.slice(measure + 1, window));
  if (!measures.includes(counted) || parts === null) return undefined;
  return {
    prefix: name.slice(0, window + 1),
    level: name.slice(0, level),
    measure: counted as Measure,
    window: readWindow(Number(parts[1]), parts[2] as string),
    key: name.slice(window + 1),
  };
}

function readWindow(count: number, unit: string): Window {
  if (unit === 'ms') return { kind: 'first-call', millis: count };
  return { kind: 'aligned', unit: unit as (Window & { kind: 'aligned' })['unit'], count };
}
