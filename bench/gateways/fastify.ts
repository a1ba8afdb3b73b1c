import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import httpProxy from '@fastify/http-proxy';
import fastify, { type FastifyInstance } from 'fastify';
import { announce, listenerOptions, readSetup } from './serve.ts';

const { backendPort, certificateFile, prefixes } = readSetup();
const upstream = `http://127.0.0.1:${backendPort}`;
const pem = readFileSync(certificateFile);

announce(
  await listen(fastify(listenerOptions) as unknown as FastifyInstance),
  await listen(fastify({ ...listenerOptions, https: { key: pem, cert: pem } }) as unknown as FastifyInstance),
);

async function listen(app: FastifyInstance): Promise<number> {
  const undici = { connections: 512, pipelining: 1 };
  for (const prefix of prefixes)
    app.register(httpProxy, { upstream, prefix, rewritePrefix: prefix, undici, replyOptions: { rewriteHeaders } });
  await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  return (app.server.address() as AddressInfo).port;
}

/** Without it the plugin hands the backend's `Connection: keep-alive` to clients that asked for `close`. */
function rewriteHeaders<T extends { connection?: unknown }>({ connection: _, ...headers }: T): Omit<T, 'connection'> {
  return headers;
}
