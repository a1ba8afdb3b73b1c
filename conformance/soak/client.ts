import { connect } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { bodyBytes, isBody, pieceBytes, strayOf } from './body.ts';
import { Connection, Ended, framingOf, type Head, Malformed } from './connection.ts';
import { inCatalogue, type Outcome } from './judge.ts';
import type { SoakCall } from './ledger.ts';

/** How a request is written and its answer read. */
export interface Manner {
  readonly chunked?: boolean;
  /** False sends no token. */
  readonly token?: boolean;
  readonly close?: boolean;
  readonly expectContinue?: boolean;
  /** Most bytes of a piece of either body. */
  readonly piece?: number;
  /** Called for each piece of the body that is written or read; what it waits for slows the connection down. */
  readonly pace?: () => Promise<unknown>;
}

/** A client's connection to the gateway, which calls one after the other or ahead of the answers. */
export class Client {
  readonly connection: Connection;
  readonly opened = performance.now();
  port = 0;
  lastUse = performance.now();
  /** The gateway said that no further call is taken. */
  last = false;
  readonly #token: string;

  private constructor(connection: Connection, token: string) {
    this.connection = connection;
    this.#token = token;
  }

  /** @throws Ended when the gateway does not take the connection; the client in it knows its port. */
  static async open(url: URL, token: string): Promise<Client> {
    const secure = url.protocol === 'https:';
    const address = { host: '127.0.0.1', port: Number(url.port) };
    const socket = secure ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
    const client = new Client(new Connection(socket), token);
    socket.on('connect', () => {
      client.port = socket.localPort ?? 0;
    });
    await new Promise<void>((resolve) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => resolve());
      socket.once('close', () => resolve());
    });
    return client;
  }

  /** Milliseconds since something happened on it. */
  get rested(): number {
    return performance.now() - this.lastUse;
  }

  /** Writes a request; false when the connection ended before all of it was out. */
  async ask(call: SoakCall, manner: Manner): Promise<boolean> {
    const { connection } = this;
    this.lastUse = performance.now();
    if (!(await connection.send(this.#head(call, manner)))) return false;
    if (call.upload === 0) return true;
    if (manner.expectContinue) await connection.arrival();
    for (let offset = 0; offset < call.upload; ) {
      const most = Math.min(call.upload - offset, manner.piece ?? pieceBytes, pieceBytes);
      const piece = bodyBytes(call.id, 'request', offset, most);
      await manner.pace?.();
      const framed = manner.chunked
        ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')])
        : piece;
      if (!(await connection.send(framed))) return false;
      offset += piece.length;
    }
    return manner.chunked ? connection.send('0\r\n\r\n') : true;
  }

  /** Reads the next answer, which must be the one to `call`. @throws Malformed for what nobody may send, and for another call's answer. */
  async answer(call: SoakCall, manner: Manner): Promise<Outcome> {
    try {
      let head = await this.connection.head();
      while (/^HTTP\/1\.1 1(?!01)/.test(head.start)) head = await this.connection.head();
      const outcome = await this.#take(head, call, manner);
      this.lastUse = performance.now();
      return outcome;
    } catch (error) {
      if (error instanceof Ended) return 'cut';
      throw error;
    }
  }

  /** Asks for WebSocket, and sends and reads `size` bytes at the same time when it is granted. */
  async tunnel(call: SoakCall): Promise<Outcome> {
    const { connection } = this;
    const key = Buffer.alloc(16, call.id & 0xff).toString('base64');
    const lines = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
    try {
      await connection.send(this.#head(call, {}).slice(0, -2) + lines);
      const head = await connection.head();
      if (!head.start.startsWith('HTTP/1.1 101 ')) return await this.#take(head, call, {});
      this.last = true;
      const up = async () => {
        for (let offset = 0; offset < call.size; offset += pieceBytes) {
          const length = Math.min(call.size - offset, pieceBytes);
          if (!(await connection.send(bodyBytes(call.id, 'request', offset, length)))) return;
        }
      };
      const take = (piece: Buffer, offset: number) => {
        if (!isBody(call.id, 'answer', offset, piece)) throw new Malformed(`call ${call.id} got other bytes`);
      };
      await Promise.all([up(), connection.body({ chunked: false, length: call.size }, take)]);
      return '101';
    } catch (error) {
      if (error instanceof Ended) return 'cut';
      throw error;
    }
  }

  close(): void {
    this.connection.socket.destroy();
  }

  /** Goes away with a reset, as a client that crashed. TLS sockets know no reset. */
  crash(): void {
    const { socket } = this.connection;
    if (socket instanceof TLSSocket) socket.destroy();
    else socket.resetAndDestroy();
  }

  #head({ id, method, api, deed, size, answering, upload }: SoakCall, manner: Manner): string {
    const lines = [
      `${method} /${api}/1.0.0/items/${id}?deed=${deed}&size=${size}&answering=${answering}&upload=${upload} HTTP/1.1`,
      'Host: localhost',
      ...(manner.token === false ? [] : [`Authorization: Bearer ${this.#token}`]),
      ...(manner.close ? ['Connection: close'] : []),
      ...(manner.expectContinue ? ['Expect: 100-continue'] : []),
      ...(upload === 0 ? [] : [manner.chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${upload}`]),
    ];
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  async #take(head: Head, call: SoakCall, { close, pace }: Manner): Promise<Outcome> {
    const status = Number(head.start.slice(9, 12));
    const toHead = call.method === 'HEAD';
    const form = toHead ? ({ chunked: false, length: 0 } as const) : framingOf(head, -1);
    if (head.fields.get('connection')?.toLowerCase().includes('close') || close) this.last = true;
    if (!form.chunked && form.length < 0) this.last = true;
    const cause = head.fields.get('sluice-cause');
    if (cause !== undefined) {
      if (!inCatalogue(status, cause)) throw new Malformed(`${status} with the cause ${cause} is not in the catalogue`);
      await this.connection.body(form, () => {});
      return `${status} ${cause}`;
    }
    if (status !== 200) throw new Malformed(`${head.start} without a cause`);
    const id = head.fields.get('soak-call');
    if (id !== String(call.id)) throw new Malformed(`call ${call.id} got the answer to call ${id}`);
    const length = await this.connection.body(form, (piece, offset) => {
      if (!isBody(call.id, 'answer', offset, piece))
        throw new Malformed(`call ${call.id} got another body ${strayOf(call.id, 'answer', offset, piece)}`);
      return pace?.().then(() => {});
    });
    // An answer without a length ends with the connection, and that of a killed process ends like any other.
    if (length < call.size && call.answering === 'close' && call.lostBackend) return 'cut';
    if (!toHead && length !== call.size) throw new Malformed(`call ${call.id} got ${length} of ${call.size} bytes`);
    return '200';
  }
}
