import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Log } from '@sluice/model';

/** A batch is written when it has this many characters, or is this old (milliseconds). */
const batchCharacters = 64 * 1024;
const batchAge = 1000;
/** Characters that may wait for a slow disk; records beyond are dropped and counted. */
const mostWaiting = 16 * 1024 * 1024;

/** Writes records in batches, so that a call costs a string concatenation and no system call. */
export class AccessLogWriter {
  readonly #out: Writable;
  readonly #owned: boolean;
  readonly #log: Log;
  #batch = '';
  #timer: NodeJS.Timeout | null = null;
  #dropped = 0;
  #broken = false;

  /** Appends to the file at a path, or to a stream, which is left open. */
  constructor(to: string | Writable, log: Log) {
    this.#owned = typeof to === 'string';
    this.#out = typeof to === 'string' ? createWriteStream(to, { flags: 'a', mode: 0o640 }) : to;
    this.#log = log;
    this.#out.on('error', this.#onError);
  }

  write(record: string): void {
    if (this.#broken || this.#out.writableLength > mostWaiting) {
      this.#dropped++;
      return;
    }
    this.#batch += `${record}\n`;
    if (this.#batch.length >= batchCharacters) this.flush();
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
    if (this.#batch === '' || this.#broken) return;
    this.#out.write(this.#batch, 'latin1');
    this.#batch = '';
  }

  async close(): Promise<void> {
    this.flush();
    if (this.#owned && !this.#broken) {
      this.#out.end();
      await finished(this.#out).catch(() => {});
    }
    this.#out.off('error', this.#onError);
  }

  readonly #onError = (error: Error): void => {
    this.#broken = true;
    this.#log.error('The access log cannot be written; calls are served without it', { reason: error.message });
  };
}
