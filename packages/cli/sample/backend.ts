import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Shelf } from './shelf.ts';

const longestBody = 4096;

/**
 * The backend of the sample API, an HTTP server on a loopback port of its own.
 * `port` is the one it had before (0 at first); another is taken when that is no longer free.
 */
export async function startSampleBackend(port: number): Promise<{ port: number; close(): void }> {
  const shelf = new Shelf();
  const server = createServer(async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', 'http://sample');
      const [status, body] = await shelf.answer(request.method ?? 'GET', url, () => readObject(request));
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? undefined : `${JSON.stringify(body)}\n`);
    } catch {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end('{"error":"the body is not a small JSON object"}\n');
    }
  });
  await listen(server, port).catch(() => listen(server, 0));
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function readObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestBody) throw new Error('too long');
  }
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('not an object');
  return value as Record<string, unknown>;
}
