import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A backend that opens every WebSocket and sends back what comes, byte for byte; `frames` takes the masks off, as a server of RFC 6455 must. */
export async function echoSockets(
  t: TestContext,
  frames = false,
): Promise<{ readonly url: string; readonly targets: string[] }> {
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
    if (!frames) {
      socket.pipe(socket);
      return;
    }
    socket.on('end', () => socket.end());
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; ) at = answerFrame(socket, bytes, at);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/base`, targets };
}

const closing = 8;

/** Sends a frame of less than 126 bytes back without its mask; returns where the next one begins. */
function answerFrame(socket: Socket, bytes: Buffer, at: number): number {
  const length = (bytes[at + 1] as number) & 0x7f;
  const mask = bytes.subarray(at + 2, at + 6);
  const text = Buffer.from(bytes.subarray(at + 6, at + 6 + length)).map((byte, i) => byte ^ (mask[i % 4] as number));
  socket.write(Buffer.concat([Buffer.from([bytes[at] as number, length]), text]));
  if (((bytes[at] as number) & 0xf) === closing) socket.end();
  return at + 6 + length;
}
