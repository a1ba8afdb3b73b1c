import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Milliseconds in which something must come: longer than every deadline of the soak. */
export const patience = 30_000;
/** Bytes that may wait to be read; the socket is not read any further then. */
const aheadBytes = 128 * 1024;

/** The peer stopped before what was waited for had come. */
export class Ended extends Error {}
/** Nothing came although the connection is open. */
class Stalled extends Error {}
/** What came is no message that RFC 9112 lets a sender produce. */
export class Malformed extends Error {}

export interface Head {
  /** Request line or status line. */
  readonly start: string;
  /** By lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
}

/** -1: until the connection ends. */
export type Framing = { readonly chunked: true } | { readonly chunked: false; readonly length: number };

/** One end of a connection, read strictly and by pulling: what is not asked for is not read, so a slow reader slows the sender. */
export class Connection {
  readonly socket: Socket;
  /** How the peer stopped sending; null while it may go on. */
  over: 'end' | 'reset' | null = null;
  #buffer: Buffer = Buffer.alloc(0);
  /** Whether what comes is thrown away. */
  #deaf = false;
  /** Who waits for bytes. */
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      if (this.#deaf) return;
      this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
      if (this.#buffer.length > aheadBytes) socket.pause();
      this.#wake();
    });
    const stop = (how: 'end' | 'reset') => () => {
      this.over ??= how;
      this.#wake();
    };
    socket.on('end', stop('end'));
    socket.on('error', stop('reset'));
    socket.on('close', stop('reset'));
  }

  /** Bytes that arrived and that nobody has asked for. */
  get unread(): number {
    return this.#buffer.length;
  }

  /** Resolves once something has arrived, or nothing more will. */
  async arrival(): Promise<void> {
    if (this.#buffer.length === 0 && this.over === null) await this.#news();
  }

  async head(): Promise<Head> {
    const start = await this.#line();
    if (!/^(HTTP\/1\.1 \d{3} [^\0]*|[A-Z]+ [!-~]+ HTTP\/1\.1)$/.test(start))
      throw new Malformed(`start line ${quote(start)}`);
    const fields = new Map<string, string>();
    for (let line = await this.#line(); line !== ''; line = await this.#line()) {
      const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
      if (name === '') throw new Malformed(`header line ${quote(line)}`);
      const key = name.toLowerCase();
      const known = fields.get(key);
      if (known !== undefined && framing.has(key)) throw new Malformed(`${name} stands twice`);
      fields.set(key, known === undefined ? value : `${known}, ${value}`);
    }
    return { start, fields };
  }

  /** Reads a body piece by piece; `take` may hold the reading up. Resolves with the number of bytes. */
  async body(form: Framing, take: (piece: Buffer, offset: number) => void | Promise<void>): Promise<number> {
    if (!form.chunked) return form.length < 0 ? this.#untilEnd(take) : this.#bytes(form.length, 0, take);
    for (let offset = 0; ; ) {
      const line = await this.#line();
      if (!/^[0-9a-fA-F]{1,8}$/.test(line)) throw new Malformed(`chunk size ${quote(line)}`);
      const size = Number.parseInt(line, 16);
      if (size === 0) {
        if ((await this.#line()) !== '') throw new Malformed('trailers that nobody sent');
        return offset;
      }
      offset += await this.#bytes(size, offset, take);
      if ((await this.#line()) !== '') throw new Malformed('a chunk that does not end where it says');
    }
  }

  /** Writes, and waits until the peer has room for more. False when the connection is over. */
  async send(bytes: string | Buffer): Promise<boolean> {
    const { socket } = this;
    if (!socket.writable) return false;
    const room = typeof bytes === 'string' ? socket.write(bytes, 'latin1') : socket.write(bytes);
    if (room) return true;
    const stop = new AbortController();
    const gone = once(socket, 'close', { signal: stop.signal }).catch(() => {});
    await Promise.race([once(socket, 'drain', { signal: stop.signal }).catch(() => {}), gone]);
    stop.abort();
    return socket.writable;
  }

  /** Sends no more. What still comes is read, for nobody: the end of the peer stands behind it. */
  finish(): void {
    this.#deaf = true;
    this.#buffer = Buffer.alloc(0);
    this.socket.end();
    this.socket.resume();
  }

  async #line(): Promise<string> {
    for (let from = 0; ; ) {
      const feed = this.#buffer.indexOf(0x0a, from);
      if (feed >= 0) {
        if (feed === 0 || this.#buffer[feed - 1] !== 0x0d) throw new Malformed('a line that ends without CR');
        return this.#cut(feed + 1).toString('latin1', 0, feed - 1);
      }
      from = this.#buffer.length;
      if (from > 65_536) throw new Malformed('a line without end');
      await this.#more();
    }
  }

  async #bytes(
    count: number,
    from: number,
    take: (piece: Buffer, offset: number) => void | Promise<void>,
  ): Promise<number> {
    for (let done = 0; done < count; ) {
      if (this.#buffer.length === 0) await this.#more();
      const piece = this.#cut(Math.min(count - done, this.#buffer.length));
      await take(piece, from + done);
      done += piece.length;
    }
    return count;
  }

  async #untilEnd(take: (piece: Buffer, offset: number) => void | Promise<void>): Promise<number> {
    for (let offset = 0; ; ) {
      await this.arrival();
      if (this.#buffer.length === 0) {
        if (this.over === 'end') return offset;
        throw new Ended('the connection was reset');
      }
      const piece = this.#cut(this.#buffer.length);
      await take(piece, offset);
      offset += piece.length;
    }
  }

  #cut(count: number): Buffer {
    const piece = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    if (this.#buffer.length <= aheadBytes && this.socket.isPaused()) this.socket.resume();
    return piece;
  }

  /** Waits for further bytes. */
  async #more(): Promise<void> {
    if (this.over === null) await this.#news();
    else throw new Ended(`the connection ended (${this.over})`);
  }

  async #news(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => reject(new Stalled(`nothing came for ${patience} ms`)), patience);
    this.#waiting.add(resolve);
    await promise.finally(() => {
      this.#waiting.delete(resolve);
      clearTimeout(late);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}

const framing = new Set(['content-length', 'transfer-encoding', 'host']);

/** How long the body of a message is (RFC 9112 section 6.3); `otherwise` where its head does not say. */
export function framingOf({ fields }: Head, otherwise: 0 | -1): Framing {
  const [length, coding] = [fields.get('content-length'), fields.get('transfer-encoding')];
  if (coding !== undefined) {
    if (length !== undefined || coding !== 'chunked') throw new Malformed(`Transfer-Encoding ${quote(coding)}`);
    return { chunked: true };
  }
  if (length !== undefined && !/^\d{1,12}$/.test(length)) throw new Malformed(`Content-Length ${quote(length)}`);
  return { chunked: false, length: length === undefined ? otherwise : Number(length) };
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 120));
}
