import { once } from 'node:events';
import { connect } from 'node:net';
import { type Pace, pour, sink } from './stream.ts';
import { headOf, type StreamBackend } from './stream-backend.ts';

/** Who is slow, and so what must not pile up in between. */
export type Slowness = 'slow-reader' | 'slow-backend' | 'slow-writer';

export interface Transfer {
  readonly slowness: Slowness;
  readonly bytes: number;
  readonly pace: Pace;
}

/** Where the body goes through. */
export interface Through {
  readonly port: number;
  readonly path: string;
  /** Value of the Authorization header. */
  readonly authorization?: string;
}

/** Sends one body through a proxy: an answer that the client reads slowly, or a request that the backend takes or the client writes slowly. Rejects unless all of it arrives. */
export async function transfer(
  backend: StreamBackend,
  { slowness, bytes, pace }: Transfer,
  through: Through,
): Promise<void> {
  const socket = connect(through.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  try {
    const up = slowness !== 'slow-reader';
    backend.next(up ? 0 : bytes, slowness === 'slow-backend' ? pace : null);
    const lines = [
      `${up ? 'POST' : 'GET'} ${through.path} HTTP/1.1`,
      'Host: localhost',
      ...(through.authorization ? [`Authorization: ${through.authorization}`] : []),
      ...(up ? [`Content-Length: ${bytes}`] : []),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    if (up) await pour(socket, bytes, slowness === 'slow-writer' ? pace : null);
    const head = await headOf(socket);
    if (!head?.text.startsWith('HTTP/1.1 200 ')) throw new Error(`answered ${head?.text.slice(0, 200) ?? 'nothing'}`);
    if (up && !head.text.includes(`Taken: ${bytes}\r\n`)) throw new Error(`the backend did not take ${bytes} bytes`);
    if (!up) await sink(socket, head.rest, bytes, pace);
  } finally {
    socket.destroy();
  }
}
