import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyManager, type KeyManager } from '@sluice/key-manager';
import { type Api, type CounterDesk, type JsonObject, type Log, silentLog, superOrganization } from '@sluice/model';
import { type OrganizationStore, openStore, type Store } from '@sluice/store';
import { adminPortal } from '../admin/portal.ts';
import { devportalPortal } from '../devportal/portal.ts';
import { type DevportalSettings, defaultDevportalSettings } from '../devportal/settings.ts';
import { createFeed, type Feed, type FeedOptions } from '../feed/routes.ts';
import { defaultPlanSettings, type PlanSettings } from '../plans/offered.ts';
import { createRestApp, mountPortal } from '../rest/index.ts';
import { seedOrganization } from '../seed/organization.ts';

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else text. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

/** The portals over a real store and key manager, behind a real socket. */
export interface Portals {
  readonly url: string;
  readonly store: Store;
  readonly keyManager: KeyManager;
  readonly feed: Feed;
  readonly organization: OrganizationStore;
  /** Calls below `/api/am/devportal/v3`; `as` is `user:password`, blank sends no credentials. */
  devportal(method: string, path: string, options?: { as?: string; body?: unknown }): Promise<Answer>;
  /** Calls below `/api/am/admin/v4`, as the administrator unless told otherwise; a `form` is sent in parts. */
  admin(method: string, path: string, options?: { as?: string; body?: unknown; form?: FormData }): Promise<Answer>;
  /** Writes an API; a published one unless told otherwise. */
  addApi(members?: Partial<Api>, definition?: string): Promise<Api>;
  close(): Promise<void>;
}

export const administrator = 'admin:admin';
/** Developers who may subscribe, and nothing else. */
export const developer = 'dora:secret-1';
export const otherDeveloper = 'otto:secret-2';

const vhost = { host: 'localhost', httpPort: 8280, httpsPort: 8243, wsPort: 9099, wssPort: 8099, httpContext: '' };
const environment = { name: 'Default', displayName: 'Default', description: '', type: 'hybrid', vhost } as const;

export async function startPortals(
  options: {
    settings?: Partial<DevportalSettings>;
    plans?: PlanSettings;
    feed?: FeedOptions;
    log?: Log;
    counters?: CounterDesk;
    /** An empty one; absent opens one of SQLite. It is closed with the portals. */
    store?: Store;
  } = {},
): Promise<Portals> {
  const { log = silentLog, plans = defaultPlanSettings } = options;
  const home = mkdtempSync(join(tmpdir(), 'sluice-portals-'));
  const store = options.store ?? (await openStore({ engine: 'sqlite', file: join(home, 'sluice.db') }));
  const issuer = 'https://localhost:9443/oauth2/token';
  const keyManager = await createKeyManager({
    ...{ store, log, issuer },
    sealingKey: randomBytes(32),
    publicUrl: 'https://localhost:9443',
  });
  await keyManager.ensureSuperAdmin({ username: 'admin', password: 'admin' });
  for (const account of [developer, otherDeveloper]) {
    const [username = '', password = ''] = account.split(':');
    await keyManager.users.create({ username, password, roles: ['Internal/subscriber'] });
  }
  await seedOrganization(store, superOrganization, { environments: [environment] });

  const feed = createFeed({ store, keyManager, log }, options.feed);
  const app = await createRestApp(log);
  const mounting = {
    ...{ authenticator: keyManager, log, limits: { bytes: 1_048_576 } },
    ...{ publicUrl: 'http://localhost', checkResponses: true },
  };
  const settings = { ...defaultDevportalSettings, ...options.settings };
  mountPortal(app, devportalPortal({ store, keyManager, log, settings, plans, counters: options.counters }), mounting);
  mountPortal(app, adminPortal({ store, keyManager, log, plans }), mounting);
  await app.ready();
  const server = createServer((request, response) => {
    if (keyManager.handle(request, response) || feed.handle(request, response)) return;
    app.routing(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const organization = store.organization(superOrganization);

  return {
    ...{ url, store, keyManager, feed, organization },
    devportal: (method, path, call) => send(`${url}/api/am/devportal/v3${path}`, method, call),
    admin: (method, path, call) => send(`${url}/api/am/admin/v4${path}`, method, { as: administrator, ...call }),
    async addApi(members = {}, definition = '{"openapi":"3.0.1","info":{"title":"x","version":"1"},"paths":{}}') {
      const api = publishedApi(members);
      await organization.apis.create(api, definition);
      return api;
    },
    async close() {
      feed.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await app.close();
      await keyManager.close();
      await store.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function send(
  url: string,
  method: string,
  call: { as?: string; body?: unknown; form?: FormData } = {},
): Promise<Answer> {
  const as = call.as ?? '';
  const response = await fetch(url, {
    method,
    headers: {
      ...(as === '' ? {} : { authorization: as.includes(':') ? `Basic ${btoa(as)}` : `Bearer ${as}` }),
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.form ? { body: call.form } : {}),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}

let made = 0;

/** An API as its publisher left it. */
function publishedApi(members: Partial<Api> = {}): Api {
  made += 1;
  const config: JsonObject = { endpoint_type: 'http', production_endpoints: { url: 'http://127.0.0.1:9/' } };
  return {
    id: randomUUID(),
    organization: superOrganization,
    name: `Orders${made}`,
    version: '1.0.0',
    context: `/orders${made}`,
    provider: 'admin',
    type: 'HTTP',
    status: 'PUBLISHED',
    isDefaultVersion: false,
    transport: ['http', 'https'],
    tags: [],
    policies: ['Gold', 'Unlimited'],
    apiThrottlingPolicy: null,
    securityScheme: ['oauth2'],
    visibility: 'PUBLIC',
    visibleRoles: [],
    accessControl: 'NONE',
    accessControlRoles: [],
    endpointConfig: config,
    endpointImplementationType: 'ENDPOINT',
    scopes: [],
    operations: [{ target: '/*', verb: 'GET', authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [] }],
    keyManagers: ['all'],
    additionalProperties: [],
    hasThumbnail: false,
    more: {},
    createdTime: 1_700_000_000_000,
    updatedTime: 1_700_000_000_000,
    updatedBy: 'admin',
    ...members,
  };
}
