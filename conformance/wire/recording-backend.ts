import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A request as the backend received it, head and body bytes untouched. */
export interface RecordedRequest {
  readonly head: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** What the backend answers; the default is 200 with a small JSON body. */
export type BackendAnswer = (request: RecordedRequest) => string | Buffer;

/** A backend on a loopback port that keeps every request it got, byte for byte. */
export async function recordingBackend(t: TestContext, answer: BackendAnswer = () => ok('{"ok":true}')) {
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (let taken = takeRequest(pending); taken; taken = takeRequest(pending)) {
        pending = pending.subarray(taken.length);
        requests.push(taken.request);
        socket.write(answer(taken.request));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** A 200 with this JSON text. */
export function ok(json: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
}

function takeRequest(bytes: Buffer): { request: RecordedRequest; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const [requestLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map(
    (line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const,
  );
  const value = (name: string) => headers.find(([other]) => other.toLowerCase() === name)?.[1];
  const [method = '', target = ''] = requestLine.split(' ');
  if (value('transfer-encoding')) {
    const last = bytes.indexOf('0\r\n\r\n', end + 4);
    if (last < 0) return undefined;
    return { request: { head, method, target, headers, body: bytes.subarray(end + 4, last + 5) }, length: last + 5 };
  }
  const length = Number(value('content-length') ?? 0);
  if (bytes.length < end + 4 + length) return undefined;
  return {
    request: { head, method, target, headers, body: bytes.subarray(end + 4, end + 4 + length) },
    length: end + 4 + length,
  };
}
