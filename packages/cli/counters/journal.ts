import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '@sluice/model';
import { type Lease, type LeaseRequest, type OpenWindow, type Window, windowEnd } from '@sluice/throttle';
import { header, lineOf, readJournal, resetLine } from './journal-file.ts';

/** Windows that are shorter are not kept: a restart takes about as long as they do. */
const shortest = 10_000;
/** A file that is larger, in bytes, and twice what was worth keeping when it began, is written anew. */
const smallestToRenew = 4 * 1024 * 1024;
/** Bytes of a record, about. */
const usualRecord = 100;
/** Beyond so many bytes nothing more is written: what is there would take too long to read. */
const largest = 512 * 1024 * 1024;
/** Windows that are copied in one turn of the event loop. */
const atOnce = 1000;
/** Milliseconds by which the clock may have stepped back meanwhile. */
const slack = 60_000;
/** Milliseconds between two orders to the disk to keep what was written. */
const syncEvery = 1000;

export interface JournalOptions {
  readonly file: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** All that is open, for the next file. */
  readonly windows: () => Iterable<OpenWindow>;
  /** Windows that the file holds which are still open, as `keptWindows` found. */
  readonly kept: number;
}

/**
 * Keeps the counters of open windows in a file. What a lease granted is written, to the system, before anybody may spend it, so that a
 * program that is killed counts no less than what was spent; only a machine that loses power forgets up to some seconds.
 * A record says where a counter stands, so that the last one of each is enough. A file that has grown is followed by a new one.
 */
export class Journal {
  readonly #options: JournalOptions;
  #file: number | undefined;
  #bytes = 0;
  #renewAt = smallestToRenew;
  #isRenewing = false;
  #isDirty = false;
  #isFailing = false;
  /** The file ends in the middle of a line. */
  #isTorn = false;
  readonly #timer: NodeJS.Timeout;

  /** Goes on with the file, where most of it is worth it, or begins one; it is to be read before, by `keptWindows`. */
  constructor(options: JournalOptions) {
    this.#options = options;
    this.#renewAt = Math.max(smallestToRenew, 2 * usualRecord * options.kept);
    this.#attempt(() => {
      if (!this.#goOn(options.file)) this.#beginWith(options);
    });
    this.#timer = setInterval(() => this.#sync(), syncEvery).unref();
  }

  /** What the leases that answer a batch have changed. */
  note(batch: readonly LeaseRequest[], leases: readonly Lease[]): void {
    const now = this.#options.now();
    let lines = '';
    for (const [place, { counter, window, units, left, endsIn, outcome }] of leases.entries()) {
      const request = batch[place];
      if (request?.counter !== counter || outcome === 'away' || outcome === 'unbounded') continue;
      const { limit, owed, returned } = request;
      if (units + owed + returned === 0 || lengthOf(limit.window) < shortest) continue;
      lines += lineOf({ counter, limit, window, endsAt: now + endsIn, used: limit.amount - left });
    }
    if (lines !== '') this.#write(lines);
  }

  /** What was counted is to be forgotten. */
  forget(counter: string): void {
    this.#write(resetLine(counter));
  }

  close(): void {
    clearInterval(this.#timer);
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    this.#attempt(() => {
      fsyncSync(file);
      closeSync(file);
    });
  }

  /** False where there is no file to go on with. */
  #goOn(file: string): boolean {
    if (!existsSync(file) || existsSync(oldOf(file))) return false;
    const { size } = statSync(file);
    if (size <= header.length || size > this.#renewAt || isTorn(file, size)) return false;
    this.#file = openSync(file, 'a');
    this.#bytes = size;
    return true;
  }

  #beginWith({ file, windows }: JournalOptions): void {
    this.#begin(`${file}.new`);
    for (const lines of inChunks(windows())) this.#append(lines);
    fsyncSync(this.#file as number);
    renameSync(`${file}.new`, file);
    rmSync(oldOf(file), { force: true });
  }

  #write(lines: string): void {
    if (this.#file === undefined || this.#bytes > largest) return;
    this.#attempt(() => {
      this.#append(lines);
      if (this.#bytes > this.#renewAt && !this.#isRenewing) void this.#renew();
    });
  }

  #begin(path: string): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = openSync(path, 'w', 0o600);
    this.#bytes = 0;
    this.#isTorn = false;
    this.#append(`${header}\n`);
  }

  #append(lines: string): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${lines}` : lines);
    this.#isTorn = true;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file as number, bytes, at);
    this.#isTorn = false;
    this.#bytes += bytes.length;
    this.#isDirty = true;
  }

  /** Goes on in a new file, and takes the old one away when the new one has all that is still open. */
  async #renew(): Promise<void> {
    const { file, windows } = this.#options;
    this.#isRenewing = true;
    try {
      renameSync(file, oldOf(file));
      this.#begin(file);
      for (const lines of inChunks(windows())) {
        await nextTurn();
        // Closed meanwhile: both files are read at the next start.
        if (this.#file === undefined) return;
        this.#append(lines);
      }
      fsyncSync(this.#file as number);
      rmSync(oldOf(file), { force: true });
      this.#renewAt = Math.max(smallestToRenew, 2 * this.#bytes);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isRenewing = false;
    }
  }

  #sync(): void {
    if (!this.#isDirty || this.#file === undefined) return;
    this.#isDirty = false;
    fdatasync(this.#file, () => {});
  }

  #attempt(write: () => void): void {
    try {
      write();
      if (this.#isFailing) this.#options.log.info('counters are kept over a restart again');
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { file, log } = this.#options;
    log.warn('counters cannot be kept: limits may be used anew after a restart', {
      file,
      reason: (error as Error).message,
    });
  }
}

/** What an earlier program has kept in the file, or was about to. What cannot be read is put aside, with a warning. */
export function keptWindows(file: string, now: number, log: Log): OpenWindow[] {
  const kept = new Map<string, OpenWindow>();
  for (const path of [oldOf(file), file]) {
    try {
      if (existsSync(path)) readJournal(path, kept, log);
    } catch (error) {
      log.warn('kept counters cannot be read; what they counted counts as not used', {
        file: path,
        reason: (error as Error).message,
      });
    }
  }
  // An end that no window can have was written by a clock that was wrong.
  return [...kept.values()].filter(
    ({ endsAt, limit }) => endsAt > now && endsAt <= windowEnd(limit.window, now) + slack,
  );
}

function oldOf(file: string): string {
  return `${file}.old`;
}

/** Whether a file ends in the middle of a line. */
function isTorn(path: string, size: number): boolean {
  const file = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(file, last, 0, 1, size - 1);
    return last[0] !== 0x0a;
  } finally {
    closeSync(file);
  }
}

function* inChunks(windows: Iterable<OpenWindow>): Generator<string> {
  let [lines, count] = ['', 0];
  for (const window of windows) {
    if (lengthOf(window.limit.window) >= shortest) lines += lineOf(window);
    if (++count % atOnce > 0) continue;
    yield lines;
    lines = '';
  }
  yield lines;
}

function lengthOf(window: Window): number {
  return window.kind === 'first-call' ? window.millis : windowEnd(window, 0);
}
