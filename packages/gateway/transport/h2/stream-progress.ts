import type { Http2Stream } from 'node:http2';
import { monotonic } from '../../deadlines/clock.ts';
import { progressLookMillis } from '../write-progress.ts';

/** When the peer last took some of what is written to a stream: who takes bytes, however slowly, is not idle. */
export class StreamProgress {
  /** Monotonic milliseconds. */
  since = 0;
  #queued = 0;
  readonly #stream: Http2Stream;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  /** More is about to be written. */
  begin(now: number): void {
    if (this.#stream.writableLength === 0) this.since = now;
    this.#queued = this.#stream.writableLength;
  }

  look(now: number): void {
    const queued = this.#stream.writableLength;
    if (queued !== this.#queued) this.since = now;
    this.#queued = queued;
  }

  /** When to look again, with `idle` milliseconds allowed. */
  nextLook(idle: number): number {
    return Math.min(this.since + idle, monotonic() + progressLookMillis);
  }
}
