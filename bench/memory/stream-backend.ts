import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Pace, pour, sink } from './stream.ts';

/** A backend for one body at a time: GET is answered with a body of so many bytes, and what comes with POST is taken. */
export interface StreamBackend {
  readonly port: number;
  /** Bytes of the next answer, and how fast the next request's body is taken. */
  next(bytes: number, pace: Pace | null): void;
  close(): void;
}

export async function startStreamBackend(): Promise<StreamBackend> {
  let [bytes, pace]: [number, Pace | null] = [0, null];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    void serve(socket).catch(() => socket.destroy());
  });
  const serve = async (socket: Socket) => {
    for (;;) {
      const head = await headOf(socket);
      if (head === undefined) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head.text)?.[1] ?? 0);
      const taken = await sink(socket, head.rest, length, pace);
      const answer = head.text.startsWith('GET') ? bytes : 0;
      socket.write(`HTTP/1.1 200 OK\r\nTaken: ${taken}\r\nContent-Length: ${answer}\r\n\r\n`);
      await pour(socket, answer, null);
    }
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    next(size, speed) {
      [bytes, pace] = [size, speed];
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** The next head on a connection, and what came behind it; undefined when the connection ends. */
export async function headOf(socket: Socket): Promise<{ readonly text: string; readonly rest: Buffer } | undefined> {
  let pending = Buffer.alloc(0);
  for (;;) {
    const end = pending.indexOf('\r\n\r\n');
    if (end >= 0) return { text: pending.toString('latin1', 0, end + 4), rest: pending.subarray(end + 4) };
    const piece = await nextPiece(socket);
    if (piece === undefined) return undefined;
    pending = Buffer.concat([pending, piece]);
  }
}

async function nextPiece(socket: Socket): Promise<Buffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const over = () => resolve(undefined);
  socket.once('data', resolve).once('close', over).once('end', over).resume();
  const piece = await promise;
  socket.pause().off('data', resolve).off('close', over).off('end', over);
  return piece;
}
