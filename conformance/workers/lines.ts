import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { workerBehind } from './workers.ts';

/** One kept connection to each worker. */
export async function lineToEach(t: TestContext, gateway: string, workers: readonly number[]): Promise<Line[]> {
  const lines = new Map<number, Line>();
  const { port } = new URL(gateway);
  for (let tries = 0; lines.size < workers.length; tries++) {
    assert.ok(tries < 500, 'every worker takes connections');
    const line = new Line(connect(Number(port), '127.0.0.1'));
    t.after(() => line.socket.destroy());
    await line.get('/open/1.0.0/unknown');
    const worker = workerBehind(workers, line.socket.localPort as number) as number;
    if (lines.has(worker)) line.socket.destroy();
    else lines.set(worker, line);
  }
  return [...lines.values()];
}

/** A connection that is kept from call to call. */
export class Line {
  readonly socket: Socket;
  #text = '';
  #arrived = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (chunk) => {
      this.#text += chunk;
      this.#arrived();
    });
  }

  /** Resolves with the status of the answer. `further` are header lines. */
  async get(path: string, token = '', further = ''): Promise<number> {
    const authorization = token && `Authorization: Bearer ${token}\r\n`;
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${authorization}${further}\r\n`);
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n');
      const length = Number(/content-length: *(\d+)/i.exec(this.#text.slice(0, Math.max(0, end)))?.[1] ?? 0);
      if (end >= 0 && this.#text.length >= end + 4 + length) {
        const status = Number(this.#text.slice(9, 12));
        this.#text = this.#text.slice(end + 4 + length);
        return status;
      }
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}
