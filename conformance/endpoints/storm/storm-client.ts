import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Dice } from '../../soak/dice.ts';
import type { CallRecord, Ledger } from './ledger.ts';

/** Milliseconds between two looks at how many calls are due. */
const tick = 4;
/** Calls that are made up for at most when a look comes late: a stall is no reason for a flood. */
const mostAtOnce = 100;
/** Milliseconds after which an answer is not waited for any more. */
const patience = 15_000;

/** Methods and how their bodies are framed, as often as they are called. */
const kinds = [
  { method: 'GET', body: 'none' },
  { method: 'GET', body: 'none' },
  { method: 'GET', body: 'none' },
  { method: 'POST', body: 'length' },
  { method: 'POST', body: 'length' },
  { method: 'POST', body: 'chunked' },
  { method: 'POST', body: 'none' },
  { method: 'PUT', body: 'length' },
  { method: 'DELETE', body: 'none' },
  { method: 'PATCH', body: 'length' },
] as const;

/** Calls a gateway at a steady rate over connections that are kept as long as they last. */
export class StormClient {
  readonly #gateway: URL;
  readonly #token: string;
  readonly #ledger: Ledger;
  readonly #dice: Dice;
  readonly #idle: Socket[] = [];
  #open = 0;
  /** Calls that no connection was free for. */
  missed = 0;

  constructor(gateway: string, token: string, ledger: Ledger, dice: Dice) {
    this.#token = token;
    this.#gateway = new URL(gateway);
    this.#ledger = ledger;
    this.#dice = dice;
  }

  /** Makes `rate` calls a second to these base paths for so many seconds, and waits for all of them. */
  async run(rate: number, seconds: number, paths: readonly string[], mostConnections: number): Promise<void> {
    const began = performance.now();
    const pending = new Set<Promise<void>>();
    let made = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const elapsed = performance.now() - began;
        if (elapsed >= seconds * 1000) {
          clearInterval(timer);
          resolve();
          return;
        }
        const due = Math.floor((elapsed * rate) / 1000) - made;
        made += due;
        for (let one = 0; one < Math.min(due, mostAtOnce); one++) {
          if (this.#idle.length === 0 && this.#open >= mostConnections) {
            this.missed++;
            continue;
          }
          const path = paths[this.#dice(paths.length)] as string;
          const call = this.#call(path);
          pending.add(call);
          void call.finally(() => pending.delete(call));
        }
      }, tick);
    });
    await Promise.all(pending);
    for (const socket of this.#idle) socket.destroy();
  }

  async #call(path: string): Promise<void> {
    const { method, body } = kinds[this.#dice(kinds.length)] as (typeof kinds)[number];
    const call = this.#ledger.begin(method, path);
    const socket = this.#idle.pop() ?? (await this.#connect());
    const text = `body of call ${call.id}`;
    const framing =
      body === 'length'
        ? `Content-Length: ${text.length}\r\n`
        : body === 'chunked'
          ? 'Transfer-Encoding: chunked\r\n'
          : '';
    const sent =
      body === 'length' ? text : body === 'chunked' ? `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n` : '';
    const length = body === 'none' && method === 'POST' ? 'Content-Length: 0\r\n' : framing;
    const lines = `Host: storm\r\nAuthorization: Bearer ${this.#token}\r\n`;
    socket.write(`${method} ${path}/${call.id} HTTP/1.1\r\n${lines}X-Call: ${call.id}\r\n${length}\r\n${sent}`);
    await this.#answer(socket, call);
  }

  async #connect(): Promise<Socket> {
    this.#open++;
    const socket = connect({ host: this.#gateway.hostname, port: Number(this.#gateway.port), noDelay: true });
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#open--;
      const index = this.#idle.indexOf(socket);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    await once(socket, 'connect');
    return socket;
  }

  #answer(socket: Socket, call: CallRecord): Promise<void> {
    return new Promise((resolve) => {
      let text = '';
      const over = (end: CallRecord['end']) => {
        clearTimeout(timer);
        socket.off('data', take);
        socket.off('close', gone);
        call.end = end;
        resolve();
      };
      const take = (chunk: string) => {
        text += chunk;
        const end = text.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = text.slice(0, end);
        if (text.length < end + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)) return;
        call.status = Number(head.slice(9, 12));
        call.cause = /\r\nSluice-Cause: (\S+)/i.exec(head)?.[1] ?? '';
        call.by = /\r\nX-By: (\S+)/i.exec(head)?.[1] ?? '';
        const id = /\r\nX-Call: (\d+)/i.exec(head)?.[1];
        if (id !== undefined && Number(id) !== call.id)
          this.#ledger.oddities.push(`call ${call.id} got the answer of ${id}`);
        over(call.cause === '' ? 'answered' : unasked.has(call.cause) ? 'refused' : 'failed');
        if (/\r\nconnection: *close/i.test(head)) socket.destroy();
        else this.#idle.push(socket);
      };
      const gone = () => over(text === '' ? 'closed' : 'cut');
      const timer = setTimeout(() => {
        socket.destroy();
        over(null);
      }, patience);
      socket.on('data', take);
      socket.on('close', gone);
    });
  }
}

/** Causes that say that nobody was asked. */
const unasked: ReadonlySet<string> = new Set(['http-endpoint-not-ready', 'no-endpoint-ready']);
