import type { Http2Stream } from 'node:http2';
import { Duplex } from 'node:stream';

/**
 * Whether the peer has ended a stream in order. Node ends the readable side of a stream that was reset with NO_ERROR or CANCEL too, and
 * then an answer that was cut looks like a whole one. But it ends it before the stream is closed only when END_STREAM came.
 */
const ended: unique symbol = Symbol('ended in order');

interface Noting extends Http2Stream {
  [ended]?: boolean;
}

/** Begins to note it; to be called before anything is read. */
export function noteEnd(stream: Http2Stream): void {
  stream.push = notingPush;
}

export function sawEnd(stream: Http2Stream): boolean {
  return (stream as Noting)[ended] === true;
}

function notingPush(this: Noting, chunk: unknown, encoding?: BufferEncoding): boolean {
  if (chunk === null && !this.closed) this[ended] = true;
  return Duplex.prototype.push.call(this, chunk, encoding);
}
