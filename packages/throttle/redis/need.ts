import { type Gone, readGone } from './gone.ts';

/** The window of a counter that another gateway speaks of. */
export interface MeantWindow {
  readonly counter: string;
  /** Server time; -1 where the window's start is what is asked for. */
  readonly start: number;
  readonly end: number;
  /** Of a window that begins with its first call, in milliseconds; else 0. */
  readonly length: number;
  readonly limit: number;
}

/** A gateway that needs units of a counter asks all others to give back what they can spare. */
export interface Need extends MeantWindow {
  readonly asker: string;
  /** Redis has lost its data: everybody says what it holds, be it nothing. */
  readonly recovering: boolean;
}

/** A gateway has left. The others remember what it had spent, should Redis lose its data, and what those had who left before. */
export interface Farewell extends MeantWindow {
  readonly gone: Gone;
}

/** Longest message that is read, in characters. */
const longest = 400_000;

/** Reads what the word script publishes; undefined where it is something else. */
export function readNeed(parts: unknown): Need | undefined {
  if (!Array.isArray(parts)) return undefined;
  const [counter, start, end, length, amount, , asker, recovering] = parts as unknown[];
  const limit = Number(amount);
  if (typeof counter !== 'string' || typeof asker !== 'string') return undefined;
  if (!whole(start, -1) || !whole(end, -1) || !whole(length, 0) || !whole(limit, 0)) return undefined;
  return { counter, start, end, length, limit, asker, recovering: recovering === 1 };
}

/** Reads what the word script publishes when a gateway leaves; undefined where it is something else. */
export function readFarewell(parts: unknown): Farewell | undefined {
  const { counter, start, end, length, limit: amount, gone: told } = (parts ?? {}) as Record<string, unknown>;
  const [limit, gone] = [Number(amount), readGone(told)];
  if (typeof counter !== 'string' || gone === undefined) return undefined;
  if (!whole(start, 0) || !whole(end, 0) || !whole(length, 0) || !whole(limit, 0)) return undefined;
  return { counter, start, end, length, limit, gone };
}

/** The message that tells of a counter that was reset at another gateway. */
export function resetText(counter: string, asker: string): string {
  return JSON.stringify({ reset: counter, asker });
}

/** Reads what `resetText` wrote; undefined where it is something else. */
export function readReset(parts: unknown): { readonly counter: string; readonly asker: string } | undefined {
  const { reset: counter, asker } = (parts ?? {}) as Record<string, unknown>;
  return typeof counter === 'string' && typeof asker === 'string' ? { counter, asker } : undefined;
}

/** What a message says, for the readers here; undefined where it is too long, no JSON, or null. */
export function parseMessage(text: string): unknown {
  if (text.length > longest) return undefined;
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

function whole(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
