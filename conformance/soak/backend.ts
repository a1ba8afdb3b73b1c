import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { bodyBytes, isBody, pieceBytes } from './body.ts';
import { Connection, Ended, framingOf, type Head } from './connection.ts';
import type { Dice } from './dice.ts';
import type { Answering, Deed, Ledger, SoakCall } from './ledger.ts';

/** A time in which a backend was not there, or connections to it broke. Monotonic milliseconds. */
interface Outage {
  readonly from: number;
  to: number;
}

/** What a call asks of a backend. */
interface Order {
  readonly id: number;
  readonly deed: Deed;
  readonly size: number;
  readonly answering: Answering;
  readonly upload: number;
}

/** A backend that does what calls ask of it, counts them, and can be killed and started again on its port. */
export class SoakBackend {
  readonly name: string;
  readonly outages: Outage[] = [];
  /** Instants at which it closed connections that rested. */
  readonly leaves: number[] = [];
  readonly #ledger: Ledger;
  readonly #roll: Dice;
  readonly #held = new Map<Socket, SoakCall | null>();
  #server: Server | null = null;
  #port = 0;

  constructor(name: string, ledger: Ledger, roll: Dice) {
    this.name = name;
    this.#ledger = ledger;
    this.#roll = roll;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Open connections. */
  get connections(): number {
    return this.#held.size;
  }

  /** What its open connections are at, for a report. */
  get holdings(): string[] {
    return [...this.#held].map(([socket, call]) => {
      const last = call ? `${call.kind}, deed ${call.deed}, ${call.upload} bytes up` : 'no call yet';
      const { remotePort, bytesRead, bytesWritten, readyState } = socket;
      const reading = socket.isPaused() ? 'not reading' : 'reading';
      return `${remotePort} (${last}; ${readyState}, ${reading}, ${bytesRead} bytes read, ${bytesWritten} written)`;
    });
  }

  async start(): Promise<void> {
    const server = createServer((socket) => void this.#serve(socket));
    server.listen(this.#port, '127.0.0.1', 4096);
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    const outage = this.outages.at(-1);
    if (outage) outage.to = performance.now();
  }

  /** To the gateway as if its process were killed: the port refuses, and every connection ends at once with what is on it. */
  kill(): void {
    this.outages.push({ from: performance.now(), to: Number.POSITIVE_INFINITY });
    this.#server?.close();
    for (const [socket, call] of this.#held) {
      if (call) call.lostBackend = true;
      socket.destroy();
    }
  }

  /** Whether it was away at some time between `from` and now. Connections that were on their way break some moments later. */
  wasAway(from: number): boolean {
    return this.outages.some((outage) => outage.to + 250 >= from);
  }

  /** Whether it closed a resting connection between `from` and now. */
  left(from: number): boolean {
    return this.leaves.some((at) => at + 100 >= from);
  }

  async #serve(socket: Socket): Promise<void> {
    this.#held.set(socket, null);
    socket.on('close', () => this.#held.delete(socket));
    const connection = new Connection(socket);
    try {
      for (let goOn = true; goOn; ) {
        await connection.arrival();
        if (connection.unread === 0) break;
        // What was written last may still be on its way: the call stays the connection's until the next one.
        goOn = await this.#answer(connection);
      }
      connection.finish();
    } catch (error) {
      if (!(error instanceof Ended)) this.#ledger.violation(`backend ${this.name}: ${(error as Error).message}`);
      socket.destroy();
    }
  }

  /** Serves one request; false when the connection ends with it. */
  async #answer(connection: Connection): Promise<boolean> {
    const head = await connection.head();
    const order = readOrder(head);
    const method = head.start.slice(0, head.start.indexOf(' '));
    const call = this.#ledger.deliver(order.id, method);
    if (call && this.#held.has(connection.socket)) this.#held.set(connection.socket, call);
    if (order.deed === 'tunnel') return this.#tunnel(connection, order, head.fields.get('sec-websocket-key') ?? '');
    const form = framingOf(head, 0);
    if (order.deed === 'early') {
      await this.#write(connection, order, method);
      await connection.body(form, () => {});
      return true;
    }
    const received = await connection.body(form, (piece, offset) => {
      if (!isBody(order.id, 'request', offset, piece)) throw new Error(`call ${order.id} came with another body`);
    });
    if (received !== order.upload) throw new Error(`call ${order.id} came with ${received} of ${order.upload} bytes`);
    if (connection.unread > 0) throw new Error(`more came after call ${order.id}, before its answer`);
    return this.#do(connection, order, method);
  }

  async #do(connection: Connection, order: Order, method: string): Promise<boolean> {
    const { socket } = connection;
    switch (order.deed) {
      case 'reset':
        socket.resetAndDestroy();
        return false;
      case 'close':
        return false;
      case 'hang':
        await once(socket, 'close');
        return false;
      case 'lie':
        await connection.send('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd');
        return false;
      case 'cut':
        await connection.send(`HTTP/1.1 200 OK\r\nSoak-Call: ${order.id}\r\nContent-Length: ${order.size + 1}\r\n\r\n`);
        await this.#pour(connection, order, order.size >> 1, false);
        await delay(this.#roll(10));
        socket.resetAndDestroy();
        return false;
      case 'garbage':
        await connection.send(`HTTP/1.1 200 OK\r\nSoak-Call: ${order.id}\r\nTransfer-Encoding: chunked\r\n\r\n`);
        await this.#pour(connection, order, order.size, true);
        await connection.send('size?\r\n');
        return false;
      case 'interim':
        await connection.send('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
        break;
      case 'leave':
        await this.#write(connection, order, method);
        await delay(this.#roll(20));
        this.leaves.push(performance.now());
        if (this.leaves.length > 100) this.leaves.shift();
        // What has come meanwhile is not answered: that is the race. Half of the time it is not even read, and the end is a reset.
        if (this.#roll(2) === 0) socket.destroy();
        return false;
    }
    await this.#write(connection, order, method);
    return order.deed !== 'last' && order.answering !== 'close';
  }

  /** Switches to WebSocket (RFC 6455 section 4.2.2); what follows is a tunnel, and its bytes are nobody's business. */
  async #tunnel(connection: Connection, order: Order, key: string): Promise<boolean> {
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    await connection.send(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\nSoak-Call: ${order.id}\r\n\r\n`,
    );
    const take = (piece: Buffer, offset: number) => {
      if (!isBody(order.id, 'request', offset, piece)) throw new Error(`call ${order.id} sent other bytes`);
    };
    const form = { chunked: false, length: order.size } as const;
    await Promise.all([this.#pour(connection, order, order.size, false), connection.body(form, take)]);
    return false;
  }

  async #write(connection: Connection, order: Order, method: string): Promise<void> {
    const { id, size, answering, deed } = order;
    const form = {
      length: `Content-Length: ${size}\r\n`,
      chunked: 'Transfer-Encoding: chunked\r\n',
      close: 'Connection: close\r\n',
    };
    const last = deed === 'last' && answering !== 'close' ? 'Connection: close\r\n' : '';
    await connection.send(`HTTP/1.1 200 OK\r\nSoak-Call: ${id}\r\n${form[answering]}${last}\r\n`);
    if (method === 'HEAD') return;
    await this.#pour(connection, order, size, answering === 'chunked');
    if (answering === 'chunked') await connection.send('0\r\n\r\n');
  }

  /** The first `size` bytes of the answer. */
  async #pour(connection: Connection, { id, deed }: Order, size: number, chunked: boolean): Promise<void> {
    const most = deed === 'slow' ? Math.max(1, size >> 2) : pieceBytes;
    for (let offset = 0; offset < size; ) {
      const piece = bodyBytes(id, 'answer', offset, Math.min(size - offset, most, pieceBytes));
      if (deed === 'slow') await delay(this.#roll(15));
      if (chunked) await connection.send(`${piece.length.toString(16)}\r\n`);
      // It is sent when it likes: by then the tape has not changed.
      if (!(await connection.send(piece))) return;
      if (chunked) await connection.send('\r\n');
      offset += piece.length;
    }
  }
}

/** What a call asks for, from its target: `/blue/items/17?deed=answer&size=200&answering=length&upload=0`. */
function readOrder({ start }: Head): Order {
  const [, id, query] = /^[A-Z]+ \/(?:blue|green)\/items\/(\d+)\?(\S+) HTTP\/1\.1$/.exec(start) ?? [];
  if (id === undefined || query === undefined) throw new Error(`a request that nobody made: ${start}`);
  const wish = new URLSearchParams(query);
  return {
    id: Number(id),
    deed: wish.get('deed') as Deed,
    size: Number(wish.get('size')),
    answering: wish.get('answering') as Answering,
    upload: Number(wish.get('upload')),
  };
}
