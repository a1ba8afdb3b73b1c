import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A backend that opens every WebSocket and sends back what comes, byte for byte: masks too, which no client of RFC 6455 takes. */
export async function echoSockets(t: TestContext): Promise<{ readonly url: string; readonly targets: string[] }> {
  const targets: string[] = [];
  const server = createServer((_, response) => response.end());
  server.on('upgrade', ({ url = '', headers }, socket: Socket) => {
    targets.push(url);
    const proof = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(proof).digest('base64');
    socket.on('error', () => {});
    t.after(() => socket.destroy());
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/base`, targets };
}
