import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, silentLog } from '@sluice/model';
import { openStore, type Store } from '@sluice/store';
import { createKeyManager } from '../create.ts';
import type { KeyManager, KeyManagerOptions } from '../key-manager.ts';

/** An answer as it came. `json` throws where the body is none. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely
  json(): any;
}

/** A key manager on a socket, over a store in a folder of its own, with the super admin admin/admin. */
export interface Running {
  readonly port: number;
  readonly url: string;
  readonly keyManager: KeyManager;
  readonly store: Store;
  readonly options: KeyManagerOptions;
  /** Opens the same database once more, as another process would. */
  openAgain(): Promise<Store>;
  /** Moves the key manager's clock forward. */
  advance(milliseconds: number): void;
  send(method: string, target: string, options?: { headers?: Record<string, string>; body?: string }): Promise<Answer>;
  /** A form request with Basic. */
  form(target: string, credentials: [string, string] | undefined, fields: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export const basic = (name: string, secret: string) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

export async function run(
  changes: Partial<Omit<KeyManagerOptions, 'store'>> = {},
  log: Log = silentLog,
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-key-manager-'));
  const openAgain = () => openStore({ engine: 'sqlite', file: join(folder, 'sluice.db') });
  const store = await openAgain();
  let shift = 0;
  let keyManager: KeyManager | undefined;
  const server = createServer((request, response) => {
    if (keyManager?.handle(request, response)) return;
    response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const options: KeyManagerOptions = {
    ...{ store, log, sealingKey: randomBytes(32), issuer: `${url}/oauth2/token`, publicUrl: url },
    now: () => Date.now() + shift,
    ...changes,
  };
  const opened = await createKeyManager(options);
  keyManager = opened;
  await opened.ensureSuperAdmin({ username: 'admin', password: 'admin' });
  const running: Running = {
    ...{ port, url, keyManager: opened, store, options, openAgain },
    advance(milliseconds) {
      shift += milliseconds;
    },
    send: (method, target, { headers = {}, body } = {}) => send(port, method, target, headers, body),
    form: (target, credentials, fields) =>
      running.send('POST', target, {
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(credentials ? { authorization: basic(...credentials) } : {}),
        },
        body: new URLSearchParams(fields).toString(),
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await opened.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
  return running;
}

/** A client with all grants, owned by `owner`. */
export async function makeClient(
  running: Running,
  changes: { owner?: string; grantTypes?: string[]; properties?: object } = {},
) {
  const made = await running.keyManager.clients.create({
    organization: 'carbon.super',
    owner: changes.owner ?? 'admin',
    name: `client-${randomBytes(6).toString('hex')}`,
    grantTypes: changes.grantTypes ?? ['password', 'client_credentials', 'refresh_token'],
    properties: { ...changes.properties },
  });
  const credentials: [string, string] = [made.client.clientId, made.secret];
  return { ...made, credentials };
}

/** The claims of a JWT, unverified. */
export const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

/** The head of a JWT. */
export const headOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());

function send(
  port: number,
  method: string,
  target: string,
  headers: Record<string, string>,
  body = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === '' && method === 'GET' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest({ host: '127.0.0.1', port, method, path: target, headers: { ...length, ...headers } });
    request.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('error', reject).on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) });
      });
    });
    request.end(body);
  });
}
