import type { TestContext } from 'node:test';
import { type Log, type RuntimeEntry, silentLog } from '@sluice/model';
import { type Gateway, startGateway } from '../gateway.ts';
import type { GatewayOptions } from '../options.ts';
import { application, deployedApi, entry, key, leaf, subscription } from './entities.ts';
import { type Answer, call, startBackend, type TestBackend } from './http.ts';
import { TestSource } from './source.ts';
import { testTls } from './tls.ts';
import { makeIssuer, type TestIssuer } from './tokens.ts';
import { until } from './until.ts';

/** Made once: key generation takes longer than most tests. */
export const issuer: TestIssuer = makeIssuer();
export const testKeyIssuer: TestIssuer = makeIssuer('internal', 'https://localhost:9443/internal');

export interface Stage {
  readonly gateway: Gateway;
  readonly source: TestSource;
  readonly backend: TestBackend;
  /** Port of the plain listener, and of the one with TLS. */
  readonly port: number;
  readonly securePort: number;
  readonly logged: { readonly message: string; readonly fields: unknown }[];
  call(path: string, options?: Parameters<typeof call>[2]): Promise<Answer>;
  /** Puts an entity on the feed and waits until the gateway serves it. */
  put(entry: RuntimeEntry): Promise<void>;
  remove(kind: RuntimeEntry['kind'], id: string): Promise<void>;
}

/** The common picture: `orders/1.0.0` with a backend, subscribed to by the application of `client-1`. */
export function commonPicture(backend: TestBackend): RuntimeEntry[] {
  return [
    issuer.entry,
    testKeyIssuer.entry,
    entry.api(ordersApi(backend)),
    entry.application(application()),
    entry.key(key()),
    entry.key(key({ consumerKey: 'client-sandbox', keyType: 'SANDBOX' })),
    entry.subscription(subscription()),
  ];
}

export function ordersApi(backend: TestBackend, overrides: Parameters<typeof deployedApi>[0] = {}) {
  return deployedApi({ endpoints: { production: leaf(`${backend.url}/base`), sandbox: null }, ...overrides });
}

/** A gateway on two free ports before one backend, with the common picture. */
export async function stage(
  t: TestContext,
  options: Partial<GatewayOptions> & { readonly entries?: (backend: TestBackend) => RuntimeEntry[] } = {},
): Promise<Stage> {
  const backend = await startBackend();
  t.after(() => backend.close());
  const { entries = commonPicture, ...rest } = options;
  const source = new TestSource(entries(backend));
  const logged: Stage['logged'] = [];
  const note = (message: string, fields?: unknown) => void logged.push({ message, fields });
  const log: Log = { ...silentLog, warn: note, error: note };
  const gateway = await startGateway({
    listeners: [
      { host: '127.0.0.1', port: 0 },
      { host: '127.0.0.1', port: 0, tls: testTls },
    ],
    environment: 'Default',
    source,
    log,
    ...rest,
  });
  t.after(() => gateway.close());
  await gateway.ready;
  const port = gateway.addresses[0]?.port ?? 0;
  const reached = (sequence: number) => until(() => gateway.sequence >= sequence, `sequence ${sequence}`);
  return {
    gateway,
    source,
    backend,
    port,
    securePort: gateway.addresses[1]?.port ?? 0,
    logged,
    call: (path, callOptions) => call(port, path, callOptions),
    put: (one) => reached(source.put(one)),
    remove: (kind, id) => reached(source.remove(kind, id)),
  };
}
