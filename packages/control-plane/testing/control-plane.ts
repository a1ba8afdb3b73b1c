import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyManager, type KeyManager } from '@sluice/key-manager';
import {
  type EndpointSecrets,
  endpointSecrets,
  type FeedEvent,
  type JsonObject,
  type Log,
  silentLog,
  superOrganization,
} from '@sluice/model';
import { type OrganizationStore, openStore, type Store } from '@sluice/store';
import { seedOrganization } from '../seed/organization.ts';
import { type ControlPlane, type ControlPlaneOptions, createControlPlane } from '../server.ts';
import { testCertificate } from './certificate.ts';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else text. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

export interface Call {
  /** `user:password`, or a token; blank sends no credentials. */
  readonly as?: string;
  readonly json?: unknown;
  readonly form?: Record<string, string | File>;
  readonly headers?: Record<string, string>;
  /** Asserted where it is given. */
  readonly expect?: number;
}

/** People with the roles of their names. */
export const people = {
  admin: 'admin:admin',
  creator: 'carla:secret-1',
  publisher: 'paula:secret-2',
  subscriber: 'simon:secret-3',
  observer: 'olga:secret-4',
} as const;

/** A control plane over a real store and key manager, behind real sockets, with every response checked against its description. */
export interface RunningControlPlane {
  readonly httpUrl: string;
  readonly httpsPort: number;
  readonly certificate: string;
  readonly store: Store;
  readonly keyManager: KeyManager;
  readonly organization: OrganizationStore;
  readonly controlPlane: ControlPlane;
  /** Opens the secrets of endpoints. */
  readonly secrets: EndpointSecrets;
  /** Calls below `/api/am/publisher/v4`, as the administrator unless told otherwise. */
  publisher(method: string, path: string, call?: Call): Promise<Answer>;
  call(method: string, path: string, call?: Call): Promise<Answer>;
  /** What the feed of `Default` got since the last look. */
  events(): Promise<FeedEvent[]>;
  close(): Promise<void>;
}

const vhost = { host: 'localhost', httpPort: 8280, httpsPort: 8243, wsPort: 9099, wssPort: 8099, httpContext: '' };
const environment = { name: 'Default', displayName: 'Default', description: '', type: 'hybrid', vhost } as const;

export async function startControlPlane(
  options: Partial<ControlPlaneOptions> & { log?: Log } = {},
): Promise<RunningControlPlane> {
  const log = options.log ?? silentLog;
  const home = mkdtempSync(join(tmpdir(), 'sluice-control-plane-'));
  const secrets = endpointSecrets(randomBytes(32));
  const store = await openStore({ engine: 'sqlite', file: join(home, 'sluice.db'), secrets });
  const keyManager = await createKeyManager({
    ...{ store, log, issuer: 'https://localhost:9443/oauth2/token' },
    sealingKey: randomBytes(32),
    publicUrl: 'https://localhost:9443',
  });
  await keyManager.ensureSuperAdmin({ username: 'admin', password: 'admin' });
  for (const [role, account] of Object.entries(people).slice(1)) {
    const [username = '', password = ''] = account.split(':');
    await keyManager.users.create({ username, password, roles: [`Internal/${role}`] });
  }
  await seedOrganization(store, superOrganization, { environments: [environment] });
  const controlPlane = await createControlPlane({
    ...{ store, keyManager, log, version: '0.0.1', checkResponses: true },
    https: { host: '127.0.0.1', port: 0, tls: testCertificate },
    http: { host: '127.0.0.1', port: 0 },
    publicUrls: { base: 'https://localhost:9443', devportal: 'https://localhost:9443/devportal' },
    importPolicy: { allowPrivate: true },
    ...options,
  });
  const close = async (): Promise<void> => {
    await controlPlane.close();
    await keyManager.close();
    await store.close();
    rmSync(home, { recursive: true, force: true });
  };
  const { httpPort, httpsPort } = await controlPlane.listen().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const httpUrl = `http://127.0.0.1:${httpPort}`;
  let seen = await store.system.feed.head();

  return {
    ...{ httpUrl, httpsPort, certificate: testCertificate.cert, store, keyManager, controlPlane, secrets },
    organization: store.organization(superOrganization),
    publisher: (method, path, call) =>
      send(`${httpUrl}/api/am/publisher/v4${path}`, method, { as: people.admin, ...call }),
    call: (method, path, call) => send(httpUrl + path, method, call),
    async events() {
      const events = await store.system.feed.after(seen, 'Default', 1000);
      seen = events.at(-1)?.sequence ?? seen;
      return events;
    },
    close,
  };
}

async function send(url: string, method: string, call: Call = {}): Promise<Answer> {
  const { as = '', json, form, headers, expect } = call;
  let body: string | FormData | null = json === undefined ? null : JSON.stringify(json);
  if (form) {
    const data = new FormData();
    for (const [name, value] of Object.entries(form)) data.set(name, value);
    body = data;
  }
  const response = await fetch(url, {
    method,
    headers: {
      ...(as === '' ? {} : { authorization: as.includes(':') ? `Basic ${btoa(as)}` : `Bearer ${as}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body,
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  if (expect !== undefined && response.status !== expect) {
    throw new Error(`${method} ${url} answered ${response.status} instead of ${expect}: ${text.slice(0, 2000)}`);
  }
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}

/** The least that an API needs, with a name of its own. */
export function apiBody(name: string, members: JsonObject = {}): JsonObject {
  return { name, context: `/${name.toLowerCase()}`, version: '1.0.0', ...members };
}
