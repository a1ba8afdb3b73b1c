import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Log } from '@sluice/model';
import { writeLatin1 } from '../transport/characters.ts';

/** A batch is written when it has this many bytes, or is this old (milliseconds). */
const batchBytes = 64 * 1024;
const batchAge = 1000;
const lineFeed = 0x0a;
/** Characters that may wait for a slow disk; records beyond are dropped and counted. */
const mostWaiting = 16 * 1024 * 1024;
/** Milliseconds after which a file that could not be written, on a full disk mostly, is opened anew. */
const reopenAfter = 5000;

/** Writes records in batches, so that a call costs a copy of some bytes and no system call. */
export class AccessLogWriter {
  #out: Writable;
  /** Null for a stream that was given, which cannot be opened anew. */
  readonly #file: string | null;
  readonly #log: Log;
  #batch = Buffer.allocUnsafeSlow(batchBytes);
  #used = 0;
  #timer: NodeJS.Timeout | null = null;
  #dropped = 0;
  #broken = false;
  /** A broken file is tried again and again, but told of once. */
  #told = false;

  /** Appends to the file at a path, or to a stream, which is left open. */
  constructor(to: string | Writable, log: Log) {
    this.#file = typeof to === 'string' ? to : null;
    this.#log = log;
    this.#out = this.#watched(typeof to === 'string' ? open(to) : to);
  }

  write(record: string): void {
    if (this.#broken || this.#out.writableLength > mostWaiting) {
      this.#dropped++;
      if (this.#broken && this.#file !== null) this.#timer ??= setTimeout(() => this.#reopen(), reopenAfter).unref();
      return;
    }
    const length = record.length + 1;
    if (this.#used + length > batchBytes) this.flush();
    // Records are of printable ASCII: a character is a byte.
    if (length > batchBytes) {
      this.#out.write(`${record}\n`, 'latin1', this.#onWritten);
      return;
    }
    writeLatin1(this.#batch, record, this.#used);
    this.#used += length;
    this.#batch[this.#used - 1] = lineFeed;
    this.#timer ??= setTimeout(() => this.flush(), batchAge).unref();
  }

  /** Hands what has gathered to the operating system now. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#dropped > 0) {
      this.#log.warn('Access log records were dropped', { records: this.#dropped });
      this.#dropped = 0;
    }
    if (this.#used === 0 || this.#broken) return;
    this.#out.write(this.#batch.subarray(0, this.#used), this.#onWritten);
    this.#batch = Buffer.allocUnsafeSlow(batchBytes);
    this.#used = 0;
  }

  async close(): Promise<void> {
    this.flush();
    if (this.#file !== null && !this.#broken) {
      this.#out.end();
      await finished(this.#out).catch(() => {});
    }
    this.#out.off('error', this.#onError);
  }

  #reopen(): void {
    this.#timer = null;
    if (this.#file === null) return;
    this.#out = this.#watched(open(this.#file));
    this.#broken = false;
  }

  #watched(out: Writable): Writable {
    return out.on('error', this.#onError);
  }

  readonly #onError = (error: Error): void => {
    this.#broken = true;
    // A timer that waits is for the next batch; the next record begins the wait for the file.
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#told) return;
    this.#told = true;
    this.#log.error('The access log cannot be written; calls are served without it', { reason: error.message });
  };

  readonly #onWritten = (error?: Error | null): void => {
    if (error || !this.#told) return;
    this.#told = false;
    this.#log.info('The access log is written again');
  };
}

function open(file: string): Writable {
  return createWriteStream(file, { flags: 'a', mode: 0o640 });
}
