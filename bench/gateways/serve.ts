import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a gateway is started with, as JSON in its one argument. */
export interface Setup {
  readonly backendPort: number;
  readonly certificateFile: string;
  readonly prefixes: readonly string[];
  /** Of the Redis that is there for programs that share their counters. */
  readonly redisPort?: number;
}

export function readSetup(): Setup {
  return JSON.parse(process.argv[2] ?? '');
}

/** Options that every gateway gives its listeners: idle clients stay as long as with nginx. */
export const listenerOptions = { keepAliveTimeout: 75_000 };

/** Listens on two free ports, plain and TLS, and prints them as one line of JSON. */
export async function serve({ certificateFile }: Setup, listener: RequestListener): Promise<void> {
  const pem = readFileSync(certificateFile);
  const plain = createServer(listenerOptions, listener);
  const secure = createTlsServer({ ...listenerOptions, key: pem, cert: pem }, listener);
  for (const server of [plain, secure]) {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
    await once(server, 'listening');
  }
  announce((plain.address() as AddressInfo).port, (secure.address() as AddressInfo).port);
}

export function announce(httpPort: number, httpsPort: number): void {
  process.stdout.write(`${JSON.stringify({ httpPort, httpsPort })}\n`);
}
