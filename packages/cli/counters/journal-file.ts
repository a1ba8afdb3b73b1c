import { closeSync, openSync, readSync, renameSync } from 'node:fs';
import type { Log } from '@sluice/model';
import { type Limit, type OpenWindow, readCounterName } from '@sluice/throttle';

/** First line of the file. */
export const header = '{"format":1,"kind":"sluice counters"}';

/** Bytes read at once, and characters of the longest line that is taken. */
const chunk = 1024 * 1024;
const longestLine = 512 * 1024;

/** A record with its line end: where a counter stands. */
export function lineOf({ counter, window, endsAt, used, limit }: OpenWindow): string {
  return `${JSON.stringify([counter, window, Math.round(endsAt), used, limit.amount])}\n`;
}

/** The record that a counter was reset. */
export function resetLine(counter: string): string {
  return `${JSON.stringify([counter])}\n`;
}

/**
 * Reads a journal into `kept`, later records over earlier ones. The end of a last line may be missing: the program was killed over it.
 * A file that is not one is put aside, other lines that cannot be read are left out; both with a warning. Throws when the disk fails.
 */
export function readJournal(path: string, kept: Map<string, OpenWindow>, log: Log): void {
  let unreadable = 0;
  let isFirst = true;
  const limits = new Limits();
  for (const line of linesOf(path)) {
    if (isFirst && line !== header) {
      renameSync(path, `${path}.unreadable`);
      log.warn('the file of kept counters is not one, or of another release; what it holds counts as not used', {
        file: `${path}.unreadable`,
      });
      return;
    }
    if (!isFirst && !take(line, kept, limits)) unreadable++;
    isFirst = false;
  }
  if (unreadable > 0) {
    log.warn('some kept counters cannot be read; what they counted counts as not used', { file: path, unreadable });
  }
}

/** Whole lines, without their ends. */
function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(chunk);
    const decoder = new TextDecoder();
    let text = '';
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const lines = (text + decoder.decode(buffer.subarray(0, length), { stream: true })).split('\n');
      text = (lines.pop() as string).slice(0, longestLine);
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}

/** False for a line that is no record. */
function take(line: string, kept: Map<string, OpenWindow>, limits: Limits): boolean {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return line === '';
  }
  if (!Array.isArray(record) || typeof record[0] !== 'string') return false;
  const [counter, ...numbers] = record as [string, ...unknown[]];
  if (numbers.length === 0) {
    kept.delete(counter);
    return true;
  }
  if (numbers.length !== 4 || !numbers.every(isCount)) return false;
  const [window, endsAt, used, amount] = numbers as [number, number, number, number];
  const limit = limits.of(counter, amount);
  if (limit === undefined) return false;
  kept.set(counter, { counter, limit, window, endsAt, used });
  return true;
}

/** One object for each limit: a million counters mostly have a handful of them. */
class Limits {
  /** By amount and all of the name but its key. */
  readonly #known = new Map<string, Limit>();

  /** Undefined where it is not the name of a counter. */
  of(counter: string, amount: number): Limit | undefined {
    let end = -1;
    for (let slash = 0; slash < 3; slash++) end = counter.indexOf('/', end + 1);
    const prefix = amount + counter.slice(0, end + 1);
    let limit = this.#known.get(prefix);
    if (limit === undefined) {
      const name = readCounterName(counter);
      if (name === undefined) return undefined;
      limit = { amount, measure: name.measure, window: name.window };
      this.#known.set(prefix, limit);
    }
    return limit;
  }
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
