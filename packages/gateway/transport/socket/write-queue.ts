import { type ReadBuffer, releaseBuffer } from './read-buffers.ts';

/** What was written to a TLS handle while it was busy: it takes one write at a time. */
export class WriteQueue {
  /** Pairs of a piece and its encoding, as `writev` wants them. */
  pieces: (string | Buffer)[] = [];
  bytes = 0;
  #held: ReadBuffer[] = [];

  add(text: string, bytes: Buffer | null, held: ReadBuffer | null): void {
    if (text !== '') this.pieces.push(text, 'latin1');
    if (bytes !== null) this.pieces.push(bytes, 'buffer');
    if (held !== null) this.#held.push(held);
    this.bytes += text.length + (bytes?.length ?? 0);
  }

  /** The pieces are written, or will not be. */
  release(): void {
    for (const buffer of this.#held) releaseBuffer(buffer);
    this.#held = [];
  }
}
