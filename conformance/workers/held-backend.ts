import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A backend that answers nothing until released; then `held` to all that waits, and at once to what comes later. */
export async function heldBackend(t: TestContext) {
  const waiting = new Set<Socket>();
  const sockets = new Set<Socket>();
  let released = false;
  let changed = () => {};
  const answer = (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld');
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => waiting.delete(socket));
    let head = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      head += chunk;
      if (!head.endsWith('\r\n\r\n')) return;
      head = '';
      if (released) answer(socket);
      else waiting.add(socket);
      changed();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when so many calls wait. */
    async holds(count: number): Promise<void> {
      while (waiting.size < count) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    },
    release(): void {
      released = true;
      for (const socket of waiting) answer(socket);
      waiting.clear();
    },
  };
}
