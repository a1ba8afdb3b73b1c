import { closeSync, openSync, readSync, renameSync } from 'node:fs';
import type { Log } from '@sluice/model';
import { type Limit, type OpenWindow, readCounterName } from '@sluice/throttle';

/** First line of the file. */
export const header = '{"format":1,"kind":"sluice counters"}';

/** Bytes that are read at once, the longest line among them: one that is longer is no record. */
const chunk = 1024 * 1024;

/** A record with its line end: where a counter stands. */
export function lineOf({ counter, window, endsAt, used, limit }: OpenWindow): string {
  return `${JSON.stringify([counter, window, Math.round(endsAt), used, limit.amount])}\n`;
}

/**
 * The records of a file, the last one of each counter being in force. The end of a last line may be missing: the program was killed over it.
 * A file that is not one is put aside, other lines that cannot be read are left out; both with a warning. Throws when the disk fails.
 */
export function* readJournal(path: string, log: Log): Generator<OpenWindow> {
  let unreadable = 0;
  let isFirst = true;
  const limits = new Limits();
  for (const text of chunksOf(path)) {
    let lines = text;
    if (isFirst) {
      const end = text.indexOf('\n');
      if (text.slice(0, end) !== header) {
        renameSync(path, `${path}.unreadable`);
        log.warn('the file of kept counters is not one, or of another release; what it holds counts as not used', {
          file: `${path}.unreadable`,
        });
        return;
      }
      isFirst = false;
      lines = text.slice(end + 1);
    }
    for (const record of recordsIn(lines)) {
      const window = windowOf(record, limits);
      if (window !== undefined) yield window;
      else if (record !== nothing) unreadable++;
    }
  }
  if (unreadable > 0) {
    log.warn('some kept counters cannot be read; what they counted counts as not used', { file: path, unreadable });
  }
}

/** Whole lines, many at once, each with its end. */
function* chunksOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunk);
    let rest = 0;
    for (;;) {
      const length = readSync(file, buffer, rest, chunk - rest, null);
      if (length === 0) return;
      const read = rest + length;
      const end = buffer.lastIndexOf(0x0a, read - 1) + 1;
      if (end > 0) yield buffer.toString('utf8', 0, end);
      // A line without an end fills the whole buffer: its begin is given up, and the rest of it is as unreadable.
      rest = end === 0 && read === chunk ? 0 : read - end;
      buffer.copyWithin(0, end, end + rest);
    }
  } finally {
    closeSync(file);
  }
}

/** Stands for an empty line. */
const nothing = Symbol('nothing');

/** What the lines say as JSON: all at once, which is much faster; one by one where that fails. */
function recordsIn(lines: string): readonly unknown[] {
  const inner = lines.slice(0, -1);
  try {
    return JSON.parse(`[${inner.replaceAll('\n', ',')}]`) as unknown[];
  } catch {
    return inner.split('\n').map(recordOf);
  }
}

function recordOf(line: string): unknown {
  if (line === '') return nothing;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Undefined for what is no record. */
function windowOf(record: unknown, limits: Limits): OpenWindow | undefined {
  if (!Array.isArray(record) || record.length !== 5) return undefined;
  const [counter, window, endsAt, used, amount] = record as unknown[];
  if (typeof counter !== 'string') return undefined;
  if (!isCount(window) || !isCount(endsAt) || !isCount(used) || !isCount(amount)) return undefined;
  const limit = limits.of(counter, amount);
  return limit && { counter, limit, window, endsAt, used };
}

/** One object for each limit: a million counters mostly have a handful of them. */
class Limits {
  /** By amount and all of the name but its key. */
  readonly #known = new Map<string, Limit>();
  #last: { readonly prefix: string; readonly limit: Limit } | undefined;

  /** Undefined where it is not the name of a counter. */
  of(counter: string, amount: number): Limit | undefined {
    if (this.#last?.limit.amount === amount && counter.startsWith(this.#last.prefix)) return this.#last.limit;
    const name = readCounterName(counter);
    if (name === undefined) return undefined;
    const { prefix, measure, window } = name;
    const limit = this.#known.get(amount + prefix) ?? { amount, measure, window };
    this.#known.set(amount + prefix, limit);
    this.#last = { prefix, limit };
    return limit;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}
