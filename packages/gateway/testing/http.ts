import { createServer, type IncomingHttpHeaders, type RequestOptions, request, type ServerResponse } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a backend was asked. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface TestBackend {
  readonly url: string;
  readonly port: number;
  readonly received: Received[];
  close(): Promise<void>;
}

/** A backend on a free port that records what arrives. Default answer: 200 with the name of the backend. */
export async function startBackend(
  name = 'backend',
  answer: (received: Received, response: ServerResponse) => void = (_, response) => response.end(name),
): Promise<TestBackend> {
  const received: Received[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const one: Received = {
        method: incoming.method ?? '',
        url: incoming.url ?? '',
        rawHeaders: incoming.rawHeaders,
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('latin1'),
      };
      received.push(one);
      answer(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request on a connection of its own, unless `options` carry an agent. */
export function call(
  port: number,
  path: string,
  options: RequestOptions & { readonly body?: string; readonly secure?: boolean } = {},
): Promise<Answer> {
  const { body, secure, ...rest } = options;
  return new Promise((resolve, reject) => {
    const send = secure === true ? requestSecure : request;
    const outgoing = send(
      { host: '127.0.0.1', port, path, agent: false, ...rest, ...(secure ? { rejectUnauthorized: false } : {}) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Headers that carry a bearer token. */
export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
