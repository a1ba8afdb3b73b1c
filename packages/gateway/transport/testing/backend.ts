import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { BackendTls, Route } from '../call.ts';
import { type Message, readRequest } from './message.ts';
import { Waiters } from './waiters.ts';
import { PeerGone, Wire } from './wire.ts';

/** What a backend does with its connection number `index` (0 for the first). It may just return: nothing closes by itself. */
export type Script = (wire: Wire, index: number) => Promise<unknown> | unknown;

/** A backend on a loopback port that does on each connection what a script says, byte for byte. */
export interface Backend {
  readonly route: Route;
  readonly wires: readonly Wire[];
  /** The connection number `index`, once it was opened. */
  wire(index: number): Promise<Wire>;
}

export async function startBackend(
  t: Pick<TestContext, 'after'>,
  script: Script,
  tls: { readonly options: TlsOptions; readonly route: BackendTls } | null = null,
): Promise<Backend> {
  const wires: Wire[] = [];
  const waiters = new Waiters();
  const failures: unknown[] = [];
  const accept = async (socket: Socket) => {
    const wire = new Wire(socket);
    wires.push(wire);
    waiters.wake();
    try {
      await script(wire, wires.length - 1);
    } catch (error) {
      // A gateway that goes away in the middle is what many tests are about; they look at the connection itself.
      if (!(error instanceof PeerGone)) failures.push(error);
    }
  };
  const server: Server = tls
    ? createTlsServer({ ...tls.options, allowHalfOpen: true }, accept)
    : createServer({ allowHalfOpen: true }, accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  t.after(() => {
    server.close();
    for (const { socket } of wires) socket.destroy();
    if (failures.length > 0) throw failures[0];
  });
  return {
    route: { host: '127.0.0.1', port, tls: tls?.route ?? null },
    wires,
    wire: (index) => waiters.until(`backend connection ${index}`, () => wires[index]),
  };
}

/** A script that answers one request after the other until the connection ends. */
export function answering(answer: (request: Message, index: number) => string | Buffer): Script {
  let count = 0;
  return async (wire) => {
    for (;;) wire.send(answer(await readRequest(wire), count++));
  };
}

/** A 200 with this text. */
export function ok(text: string, lines = ''): string {
  return `HTTP/1.1 200 OK\r\n${lines}Content-Length: ${text.length}\r\n\r\n${text}`;
}
