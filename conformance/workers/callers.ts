import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface CallersOptions {
  /** Base URL, http or https. */
  readonly url: string;
  readonly path: string;
  /** Callers at the same time. */
  readonly count: number;
  /** False opens a connection for every call. */
  readonly keepAlive: boolean;
}

/** Clients that call without a pause and keep to HTTP: they go on, on a new connection, when an answer says `Connection: close`. */
export class Callers {
  readonly #options: CallersOptions;
  readonly failures: string[] = [];
  answers = 0;
  connections = 0;
  #running = true;
  #ending = false;
  readonly #loops: Promise<void>[];

  constructor(options: CallersOptions) {
    this.#options = options;
    this.#loops = Array.from({ length: options.count }, () => this.#loop());
  }

  /** From now on new connections may be refused; those that are open still get what they asked for. */
  serverWillEnd(): void {
    this.#ending = true;
  }

  /** Lets the calls in flight end. */
  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  /** Resolves when every caller has been refused. */
  async ended(): Promise<void> {
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    while (this.#running) {
      const mayBeRefused = this.#ending;
      const socket = await this.#open();
      if (socket === undefined) {
        if (!this.#ending) this.failures.push('a connection was refused');
        return;
      }
      this.connections++;
      const lost = await this.#callOn(socket);
      if (lost === undefined) continue;
      // Between the last look into the queue and its end the kernel still takes connections: as if they were refused.
      if (!mayBeRefused) this.failures.push(lost);
      if (mayBeRefused) return;
    }
  }

  async #open(): Promise<Socket | undefined> {
    const { hostname, port, protocol } = new URL(this.#options.url);
    const address = { host: hostname === 'localhost' ? '127.0.0.1' : hostname, port: Number(port) };
    const secure = protocol === 'https:';
    const socket = secure ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
    socket.on('error', () => {});
    try {
      await once(socket, secure ? 'secureConnect' : 'connect');
      return socket;
    } catch {
      return undefined;
    }
  }

  /** Resolves with what went wrong. */
  #callOn(socket: Socket): Promise<string | undefined> {
    const { path, keepAlive } = this.#options;
    const request = `GET ${path} HTTP/1.1\r\nHost: load\r\n${keepAlive ? '' : 'Connection: close\r\n'}\r\n`;
    return new Promise((resolve) => {
      let text = '';
      let waiting = true;
      let last = false;
      socket.setEncoding('latin1');
      socket.on('data', (chunk) => {
        text += chunk;
        const answer = wholeAnswer(text);
        if (answer === undefined) return;
        if (/^HTTP\/1\.1 200 /.test(answer)) this.answers++;
        else this.failures.push(answer.slice(0, 300));
        text = text.slice(answer.length);
        last = !this.#running || /\r\nconnection: close\r\n/i.test(answer);
        if (last) {
          waiting = false;
          socket.end();
        } else socket.write(request);
      });
      socket.on('close', () =>
        resolve(waiting ? `a call got no answer${text ? `, but ${JSON.stringify(text)}` : ''}` : undefined),
      );
      socket.write(request);
    });
  }
}

function wholeAnswer(text: string): string | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length >= end + 4 + length ? text.slice(0, end + 4 + length) : undefined;
}
