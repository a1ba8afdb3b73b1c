import { existsSync, renameSync, rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Log } from '@sluice/model';
import {
  type Lease,
  type LeaseRequest,
  type Limit,
  type OpenWindow,
  type Oversight,
  type Window,
  windowEnd,
} from '@sluice/throttle';
import { AppendFile } from './append-file.ts';
import { header, lineOf, readJournal } from './journal-file.ts';

/** Windows that are shorter are not kept: a restart takes about as long as they do. */
const shortest = 10_000;
/** A file that is larger, in bytes, and twice what was worth keeping when it began, is written anew. */
const smallestToRenew = 4 * 1024 * 1024;
/** Bytes of a record, about. */
const usualRecord = 100;
/** Beyond so many bytes nothing more is written: what is there would take too long to read. */
const largest = 512 * 1024 * 1024;
const tooMuch = `more than ${largest} bytes are not kept`;
/** Windows that are copied in one turn of the event loop. */
const atOnce = 1000;
/** Milliseconds by which the clock may have stepped back meanwhile. */
const slack = 60_000;
/** Milliseconds between two orders to the disk to keep what was written. */
const syncEvery = 1000;
/** Orders to the disk between two attempts to get over a failure, at most. */
const longestPause = 64;

export interface JournalOptions {
  readonly file: string;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly authority: Pick<Oversight, 'windows' | 'find' | 'size'>;
}

/**
 * Keeps the counters of open windows in a file. What a lease granted is written, to the system, before anybody may spend it, so that a
 * program that is killed counts no less than what was spent; only a machine that loses power forgets up to some seconds.
 * A record says where a counter stands, so that the last one of each is enough. A file that has grown, or in which something is missing
 * since the disk took nothing, is followed by a new one, which takes its place when it has all that is open.
 */
export class Journal {
  readonly #options: JournalOptions;
  #file: AppendFile | undefined;
  /** The file that is to follow, while it is written: what is new goes into both. */
  #next: AppendFile | undefined;
  #renewAt = smallestToRenew;
  /** Something is missing in the file, and it was said. */
  #isFailing = false;
  /** Orders to the disk until it is tried to get over that, and between that attempt and the next. */
  #wait = 0;
  #pause = 1;
  #isClosed = false;
  readonly #timer: NodeJS.Timeout;

  /** Goes on with the file, where most of it is worth it, or begins one. `authority` has what it holds, by `keptWindows`. */
  constructor(options: JournalOptions) {
    this.#options = options;
    const { file, authority } = options;
    this.#renewAt = renewalSize(usualRecord * authority.size);
    try {
      rmSync(newOf(file), { force: true });
      this.#file = goOn(file, this.#renewAt) ?? this.#beginWith(authority.windows());
    } catch (error) {
      this.#fail(error);
    }
    this.#timer = setInterval(() => this.#tick(), syncEvery).unref();
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
      // More than the limit may have been used, by bodies of unknown length: that counts should the limit be raised.
      const over = left > 0 ? undefined : this.#options.authority.find(counter)?.used;
      lines += lineOf({ counter, limit, window, endsAt: now + endsIn, used: over ?? limit.amount - left });
    }
    if (lines !== '') this.#write(lines);
  }

  /** A counter was reset: what is counted now is in force. */
  noteReset(counter: string): void {
    const window = this.#options.authority.find(counter);
    if (window !== undefined && lengthOf(window.limit.window) >= shortest) this.#write(lineOf(window));
  }

  /** What was written is the disk's when this resolves. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#discardNext();
    try {
      await this.#file?.sync();
    } catch (error) {
      this.#fail(error);
    }
    this.#file?.close();
  }

  #beginWith(windows: Iterable<OpenWindow>): AppendFile {
    const { file } = this.#options;
    const next = AppendFile.create(newOf(file));
    try {
      next.append(`${header}\n`);
      for (const lines of inChunks(windows)) next.append(lines);
      renameSync(newOf(file), file);
      return next;
    } catch (error) {
      next.close();
      throw error;
    }
  }

  #write(lines: string): void {
    if (this.#isClosed) return;
    try {
      if (this.#file !== undefined && this.#file.size > largest) throw new Error(tooMuch);
      this.#file?.append(lines);
    } catch (error) {
      this.#fail(error);
    }
    try {
      this.#next?.append(lines);
    } catch (error) {
      this.#fail(error);
      this.#discardNext();
    }
    if (this.#file !== undefined && this.#file.size > this.#renewAt && !this.#isFailing) void this.#renew();
  }

  /** Writes a new file with all that is open, and puts it into the place of the old one. */
  async #renew(): Promise<void> {
    if (this.#next !== undefined || this.#isClosed) return;
    const { file, authority, log } = this.#options;
    try {
      const next = AppendFile.create(newOf(file));
      this.#next = next;
      next.append(`${header}\n`);
      for (const lines of inChunks(authority.windows())) {
        await nextTurn();
        if (this.#next !== next) return;
        if (next.size > largest) throw new Error(tooMuch);
        next.append(lines);
      }
      await next.sync();
      if (this.#next !== next) return;
      renameSync(newOf(file), file);
      this.#file?.close();
      this.#file = next;
      this.#next = undefined;
      this.#renewAt = renewalSize(next.size);
      this.#pause = 1;
      if (this.#isFailing) log.info('counters are kept over a restart again', { file });
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error);
      this.#discardNext();
    }
  }

  #discardNext(): void {
    if (this.#next === undefined) return;
    this.#next.close();
    this.#next = undefined;
    try {
      rmSync(newOf(this.#options.file), { force: true });
    } catch {
      // The next one takes its place.
    }
  }

  #tick(): void {
    this.#file?.sync().catch((error) => this.#fail(error));
    if (!this.#isFailing || this.#next !== undefined || --this.#wait > 0) return;
    this.#wait = this.#pause;
    this.#pause = Math.min(longestPause, this.#pause * 2);
    void this.#renew();
  }

  /** From now on something is missing in the file, until another one has taken its place. */
  #fail(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#wait = this.#pause;
    const { file, log } = this.#options;
    log.warn('counters cannot be kept: limits may be used anew after a restart; see that the disk takes the file', {
      file,
      reason: (error as Error).message,
    });
  }
}

/** What an earlier program has kept in the file, the last of each counter being in force. What cannot be read is put aside, with a warning. */
export function* keptWindows(file: string, now: number, log: Log): Generator<OpenWindow> {
  try {
    if (!existsSync(file)) return;
    let last: Limit | undefined;
    let latest = 0;
    for (const window of readJournal(file, log)) {
      if (window.limit !== last) {
        last = window.limit;
        // An end that no window can have was written by a clock that was wrong.
        latest = windowEnd(last.window, now) + slack;
      }
      if (window.endsAt > now && window.endsAt <= latest) yield window;
    }
  } catch (error) {
    log.warn('kept counters cannot be read; what they counted counts as not used', {
      file,
      reason: (error as Error).message,
    });
  }
}

/** Undefined where there is no file to go on with. */
function goOn(path: string, most: number): AppendFile | undefined {
  if (!existsSync(path)) return undefined;
  const file = AppendFile.open(path);
  if (file.size > header.length && file.size <= most && !file.isTorn) return file;
  file.close();
  return undefined;
}

function renewalSize(worth: number): number {
  return Math.min(largest, Math.max(smallestToRenew, 2 * worth));
}

function newOf(file: string): string {
  return `${file}.new`;
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
