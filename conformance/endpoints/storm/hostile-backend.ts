import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Dice } from '../../soak/dice.ts';
import { ownAddress } from '../../wire/own-address.ts';
import type { Ledger } from './ledger.ts';

/** What is done with a request, and in how many of a thousand. What is left over is answered. */
const faults = {
  /** Answered with a fault of the backend's own. */
  sorry: 40,
  rstAtHead: 40,
  finAfterRequest: 30,
  rstAfterRequest: 30,
  rubbish: 20,
  cutAnswer: 20,
  /** Answered, and the connection closed, which the gateway may learn as it sends the next request. */
  answerAndClose: 100,
  silence: 6,
} as const;

type Fault = keyof typeof faults;

/** A backend on a loopback port that answers most requests, fails others in every way there is, and tells the ledger of each head that has come. */
export class HostileBackend {
  readonly name: string;
  readonly #ledger: Ledger;
  readonly #dice: Dice;
  readonly #sockets = new Set<Socket>();
  readonly #host = ownAddress();
  #server: Server | null = null;
  #port = 0;

  constructor(name: string, ledger: Ledger, dice: Dice) {
    this.name = name;
    this.#ledger = ledger;
    this.#dice = dice;
  }

  get url(): string {
    return `http://${this.#host}:${this.#port}`;
  }

  async start(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
    this.#server = server;
    server.listen(this.#port, this.#host, 4096);
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Nothing listens any more, and every connection breaks. */
  stop(): void {
    this.#server?.close();
    this.#server = null;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Closes one of so many connections, whether it is in use or not. */
  hangUp(one: number): void {
    for (const socket of this.#sockets) if (this.#dice(one) === 0) socket.end();
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    let pending = '';
    let body: { length: number; chunked: boolean; id: string; fault: Fault | null } | null = null;
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (text: string) => {
      pending += text;
      for (;;) {
        if (body === null) {
          const end = pending.indexOf('\r\n\r\n');
          if (end < 0) return;
          const head = pending.slice(0, end);
          pending = pending.slice(end + 4);
          const id = lineOf(head, 'x-call') ?? '';
          this.#ledger.deliver(this.name, id, head.slice(0, head.indexOf(' ')));
          const fault = this.#draw();
          if (fault === 'rstAtHead') {
            socket.resetAndDestroy();
            return;
          }
          const chunked = lineOf(head, 'transfer-encoding') === 'chunked';
          body = { length: Number(lineOf(head, 'content-length') ?? 0), chunked, id, fault };
        }
        const last = body.chunked ? pending.indexOf('0\r\n\r\n') + 5 : body.length;
        if (body.chunked ? last < 5 : pending.length < last) return;
        pending = pending.slice(last);
        const { id, fault } = body;
        body = null;
        this.#answer(socket, id, fault);
        if (socket.destroyed) return;
      }
    });
  }

  #answer(socket: Socket, id: string, fault: Fault | null): void {
    const text = `${this.name} ${id}`;
    const lines = `X-By: ${this.name}\r\nX-Call: ${id}\r\nContent-Length: ${text.length}\r\n`;
    switch (fault) {
      case 'finAfterRequest':
        socket.end();
        return;
      case 'rstAfterRequest':
        socket.resetAndDestroy();
        return;
      case 'rubbish':
        socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n');
        return;
      case 'cutAnswer':
        socket.end(`HTTP/1.1 200 OK\r\n${lines}\r\n${text.slice(0, 2)}`);
        return;
      case 'silence':
        return;
      case 'answerAndClose':
        socket.end(`HTTP/1.1 200 OK\r\n${lines}\r\n${text}`);
        return;
      default:
        socket.write(`HTTP/1.1 ${fault === 'sorry' ? '503 Sorry' : '200 OK'}\r\n${lines}\r\n${text}`);
    }
  }

  #draw(): Fault | null {
    let left = this.#dice(1000);
    for (const [name, share] of Object.entries(faults)) {
      left -= share;
      if (left < 0) return name as Fault;
    }
    return null;
  }
}

/** Value of the first line of that name; the gateway keeps names as they were sent. */
function lineOf(head: string, name: string): string | undefined {
  return new RegExp(`\\r\\n${name}: *([^\\r]*)`, 'i').exec(head)?.[1];
}
