import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Waiters } from './waiters.ts';

/** The peer stopped sending before what the test waits for had come. */
export class PeerGone extends Error {}

/**
 * One end of a connection, read by pulling: what arrived is kept until a test asks for it. Both ends of the tests are
 * half-open sockets, so that a FIN from the gateway never closes the other direction by itself.
 */
export class Wire {
  readonly socket: Socket;
  /** How the peer stopped: `end` by FIN, `reset` by RST; null while it may still send. */
  over: 'end' | 'reset' | null = null;
  /** Bytes that arrived so far, read or not. */
  received = 0;
  #chunks: Buffer[] = [];
  #length = 0;
  readonly #waiters = new Waiters();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      this.received += chunk.length;
      this.#waiters.wake();
    });
    socket.on('end', () => this.#stop('end'));
    socket.on('error', () => this.#stop('reset'));
    socket.on('close', () => this.#stop('reset'));
  }

  /** What has arrived and was not taken. */
  get buffered(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  /** Everything up to and including `delimiter`. */
  async through(delimiter: string): Promise<string> {
    const end = await this.#until(`${JSON.stringify(delimiter)}`, () => {
      const at = this.buffered.indexOf(delimiter, 0, 'latin1');
      return at < 0 ? undefined : at + delimiter.length;
    });
    return this.#cut(end).toString('latin1');
  }

  /** The next `count` bytes. */
  async take(count: number): Promise<Buffer> {
    await this.#until(`${count} bytes`, () => (this.#length >= count ? true : undefined));
    return this.#cut(count);
  }

  /** Reads `count` bytes piece by piece without keeping them. */
  async sift(count: number, check: (piece: Buffer, offset: number) => void): Promise<void> {
    for (let offset = 0; offset < count; ) {
      await this.#until(`byte ${offset} of ${count}`, () => (this.#length > 0 ? true : undefined));
      const piece = this.#cut(Math.min(count - offset, this.#length));
      check(piece, offset);
      offset += piece.length;
    }
  }

  /** All that is still to come until the peer stops. */
  async rest(): Promise<string> {
    await this.stopped();
    return this.#cut(this.#length).toString('latin1');
  }

  /** Waits for the peer to stop sending and tells how it did. */
  stopped(): Promise<'end' | 'reset'> {
    return this.#waiters.until('the end of the connection', () => this.over ?? undefined, this.#dump);
  }

  send(bytes: string | Buffer): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Sends each piece in a turn of the event loop of its own, so that the peer reads them one by one. */
  async trickle(pieces: Iterable<string | Buffer>): Promise<void> {
    for (const piece of pieces) {
      this.send(piece);
      await setImmediate();
    }
  }

  /** Closes with a RST instead of a FIN. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #stop(how: 'end' | 'reset'): void {
    this.over ??= how;
    this.#waiters.wake();
  }

  #until<T>(what: string, probe: () => T | undefined): Promise<T> {
    return this.#waiters.until(
      what,
      () => {
        const found = probe();
        if (found === undefined && this.over) {
          throw new PeerGone(`${what}: the peer stopped (${this.over}). ${this.#dump()}`);
        }
        return found;
      },
      this.#dump,
    );
  }

  #cut(count: number): Buffer {
    const all = this.buffered;
    this.#chunks = count < all.length ? [all.subarray(count)] : [];
    this.#length -= count;
    return all.subarray(0, count);
  }

  readonly #dump = () => {
    const bytes = this.buffered;
    return `${bytes.length} bytes arrived: ${JSON.stringify(bytes.toString('latin1', 0, 600))}`;
  };
}
