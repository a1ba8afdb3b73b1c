import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';

export interface WebSocketBackend {
  /** With the scheme `ws`. */
  readonly url: string;
  readonly asked: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
}

/** A backend that opens every WebSocket it is asked for and sends each message back (texts below 126 bytes). */
export async function startWebSocketBackend(t: TestContext): Promise<WebSocketBackend> {
  const asked: { url: string; headers: IncomingHttpHeaders }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.end('plain'));
  server.on('upgrade', ({ url = '', headers }, socket: Socket) => {
    asked.push({ url, headers });
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(String(headers['sec-websocket-key']))}\r\n\r\n`,
    );
    socket.on('data', (frames: Buffer) => {
      for (let at = 0; at < frames.length; ) at = echo(socket, frames, at);
    });
    socket.on('end', () => socket.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

const closing = 8;

/** Sends one masked frame back without its mask; returns where the next one begins. */
function echo(socket: Socket, frames: Buffer, at: number): number {
  const length = (frames[at + 1] as number) & 0x7f;
  const mask = frames.subarray(at + 2, at + 6);
  const text = Buffer.from(frames.subarray(at + 6, at + 6 + length)).map((byte, i) => byte ^ (mask[i % 4] as number));
  socket.write(Buffer.concat([Buffer.from([frames[at] as number, length]), text]));
  if (((frames[at] as number) & 0xf) === closing) socket.end();
  return at + 6 + length;
}

/** Asks for a WebSocket and resolves with the head of the answer, as text; the connection is closed at the end of the test. */
export function shakeHands(
  t: TestContext,
  port: number,
  path: string,
  lines: readonly string[] = [],
  secure = false,
): Promise<{ readonly head: string; readonly status: number; readonly socket: Socket }> {
  const socket = secure
    ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const own = ['Host: a.example', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const all = [...own, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...lines];
  socket.write(`GET ${path} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${JSON.stringify(text)}`)));
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      if (text.includes('\r\n\r\n')) resolve({ head: text, status: Number(text.slice(9, 12)), socket });
    });
  });
}
