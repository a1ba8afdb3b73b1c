import type { Http2Stream } from 'node:http2';
import { monotonic } from '../../deadlines/clock.ts';
import { progressLookMillis } from '../write-progress.ts';
import { trailersOf } from './field-block.ts';

/** How a stream is opened, or answered. */
export interface Opening {
  readonly head: readonly string[];
  /** Nothing follows the head. */
  readonly endStream: boolean;
  /** Trailers may follow the data. */
  readonly waitForTrailers: boolean;
}

/** One message on its way into a stream. What is gathered goes out together, so that a message that is whole by then has no frame too many. */
export class Outgoing {
  /** Monotonic milliseconds at which the peer last took some: who takes bytes, however slowly, is not idle. */
  since = 0;
  #stream: Http2Stream | null = null;
  #queued = 0;
  #head: readonly string[] | null = null;
  #bodiless = false;
  #data: Buffer[] = [];
  #over = false;
  #trailers = '';

  head(fields: readonly string[], bodiless: boolean): void {
    this.#head = fields;
    this.#bodiless = bodiless;
  }

  /** The bytes are only lent. */
  data(bytes: Buffer, start: number, end: number): void {
    this.#data.push(Buffer.from(bytes.subarray(start, end)));
  }

  end(trailers: string): void {
    this.#over = true;
    this.#trailers = trailers;
  }

  /** Hands over the head, once, with what is known of the rest. */
  takeHead(): Opening | null {
    const head = this.#head;
    if (head === null) return null;
    this.#head = null;
    const whole = this.#over && this.#trailers === '';
    const endStream = this.#bodiless || (whole && this.#data.length === 0);
    return { head, endStream, waitForTrailers: !endStream && !whole };
  }

  /** What follows the head goes into this stream. */
  into(stream: Http2Stream): void {
    this.#stream = stream;
    stream.on('wantTrailers', () => {
      if (!stream.destroyed && !stream.closed) stream.sendTrailers(trailersOf(this.#trailers));
    });
  }

  /** Writes what was gathered. False: the peer takes no more for now. */
  write(): boolean {
    const stream = this.#stream;
    if (stream === null || stream.destroyed || stream.closed || stream.writableEnded) return true;
    const data = this.#data;
    if (data.length > 0) {
      this.#data = [];
      if (stream.writableLength === 0) this.since = monotonic();
      this.#queued = stream.writableLength;
      stream.cork();
      for (const piece of data) stream.write(piece);
      stream.uncork();
    }
    if (this.#over) stream.end();
    return !stream.writableNeedDrain;
  }

  /** Some of it has yet to be taken. */
  get waits(): boolean {
    return this.#stream !== null && this.#stream.writableLength > 0;
  }

  /** The peer said that it takes no more. */
  get blocked(): boolean {
    return this.#stream?.writableNeedDrain === true;
  }

  look(now: number): void {
    const queued = this.#stream?.writableLength ?? 0;
    if (queued !== this.#queued) this.since = now;
    this.#queued = queued;
  }

  /** When to look again, with `idle` milliseconds allowed. */
  nextLook(idle: number): number {
    return Math.min(this.since + idle, monotonic() + progressLookMillis);
  }
}
