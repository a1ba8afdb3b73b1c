import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Scope } from '../../program/program.ts';

const answer = Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok', 'latin1');

/** A backend that does nothing but count requests without a body. */
export async function countingBackend(scope: Scope): Promise<{ readonly url: string; readonly count: number }> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    let tail = '';
    socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (text: string) => {
      const heads = (tail + text).split('\r\n\r\n');
      tail = heads.pop() ?? '';
      for (const _ of heads) {
        count++;
        socket.write(answer);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  scope.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get count() {
      return count;
    },
  };
}
