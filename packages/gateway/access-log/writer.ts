import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Log } from '@sluice/model';
import { Batch } from './batch.ts';

/** A batch is written when it has this many bytes, or is this old (milliseconds). */
const batchBytes = 64 * 1024;
const batchAge = 1000;
/** Room for the record that makes a batch full. */
const lastRecordBytes = 4096;
/** Bytes that may wait for a slow disk; records beyond are dropped and counted. */
const mostWaiting = 16 * 1024 * 1024;
/** Milliseconds after which a file that could not be written, on a full disk mostly, is opened anew. */
const reopenAfter = 5000;

/** Writes records in batches, so that a call costs a copy of some bytes and no system call. */
export class AccessLogWriter {
  #out: Writable;
  /** Null for a stream that was given, which cannot be opened anew. */
  readonly #file: string | null;
  readonly #log: Log;
  #batch = new Batch(batchBytes + lastRecordBytes);
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

  /** Where the next record goes, up to `end`; null while records are dropped. */
  begin(): Batch | null {
    if (this.#broken || this.#out.writableLength > mostWaiting) {
      this.#dropped++;
      if (this.#broken && this.#file !== null) this.#timer ??= setTimeout(() => this.#reopen(), reopenAfter).unref();
      return null;
    }
    this.#batch.begin();
    return this.#batch;
  }

  /** The record is whole; a batch that is full with it is written. */
  end(): void {
    this.#batch.end();
    if (this.#batch.length >= batchBytes) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), batchAge).unref();
  }

  /** Hands what has gathered to the operating system now. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#dropped > 0) {
      this.#log.warn('Access log records were dropped', { records: this.#dropped });
      this.#dropped = 0;
    }
    if (this.#batch.length === 0 || this.#broken) return;
    this.#out.write(this.#batch.records, this.#onWritten);
    this.#batch = new Batch(batchBytes + lastRecordBytes);
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
