import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import type { RuntimeEntry } from '@sluice/model';
import {
  application,
  callsPerMinute,
  deployedApi,
  entry,
  leaf,
  operation,
  plan,
  subscription,
} from '../testing/entities.ts';
import { commonPicture, issuer, ordersApi, stage, testKeyIssuer } from '../testing/gateway.ts';
import { bearer, type TestBackend } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import { shakeHands, startWebSocketBackend } from '../testing/web-socket.ts';

const good = () => ({ headers: bearer(issuer.token()) });

function picture(more: readonly RuntimeEntry[]): (backend: TestBackend) => RuntimeEntry[] {
  return (backend) => [...commonPicture(backend), ...more];
}

const bronze = (amount: number, overrides: Parameters<typeof plan>[2] = {}) => [
  entry.plan(plan('subscription', 'Bronze', { quota: callsPerMinute(amount), ...overrides })),
  entry.subscription(subscription({ plan: 'Bronze' })),
];

test('the record of a refusal names the very limit, and holds no secret', async (t) => {
  const { call, logged } = await stage(t, { entries: picture(bronze(1)) });
  const token = issuer.token({ sub: 'mary' });
  await call('/orders/1.0.0/x', { headers: bearer(token) });
  const { headers } = await call('/orders/1.0.0/x', { headers: { ...bearer(token), activityid: 'batch 7' } });
  const record = logged.find(({ message }) => message === 'A call was throttled');
  const { ends, ...fields } = (record?.fields ?? {}) as Record<string, unknown>;
  assert.deepEqual(fields, {
    request: headers['sluice-request-id'],
    correlation: 'batch 7',
    api: 'orders/1.0.0',
    application: 'shop',
    user: 'mary',
    client: '127.0.0.1',
    cause: 'subscription-limit-exceeded',
    level: 'subscription',
    plan: 'Bronze',
    origin: 'API orders/1.0.0',
    limit: '1 calls',
    window: '1 min',
    key: 'app-1:/orders/1.0.0:1.0.0:Bronze',
  });
  assert.ok(Math.abs(Date.parse(String(ends)) - Date.now()) <= 60_000);
  assert.ok(!JSON.stringify(logged).includes(token));
});

test('a flood of refused calls does not flood the log', async (t) => {
  const { call, logged } = await stage(t, { entries: picture(bronze(0)) });
  for (let count = 0; count < 60; count++) assert.equal((await call('/orders/1.0.0/x', good())).status, 429);
  assert.ok(logged.length < 60, `${logged.length} records`);
});

test('a call beyond a quota that stops nobody is told from one within it, at the backend and at the client', async (t) => {
  const lines: string[] = [];
  const to = new Writable({
    write(chunk, _, done) {
      lines.push(...String(chunk).split('\n').filter(Boolean));
      done();
    },
  });
  const { call, backend, gateway } = await stage(t, {
    entries: picture(bronze(1, { stopOnQuotaReach: false })),
    accessLog: { to, pattern: '%s %{Sluice-Quota-Exceeded}o' },
  });
  const spoofed = { headers: { ...bearer(issuer.token()), 'Sluice-Quota-Exceeded': 'nothing' } };
  const within = await call('/orders/1.0.0/x', spoofed);
  const beyond = await call('/orders/1.0.0/x', spoofed);
  assert.deepEqual(
    backend.received.map((one) => one.headers['sluice-quota-exceeded']),
    [undefined, 'subscription'],
  );
  assert.deepEqual(
    [within, beyond].map((one) => one.headers['sluice-quota-exceeded']),
    [undefined, 'subscription'],
  );
  await until(() => lines.length === 2, 'both records');
  assert.deepEqual(lines, ['200 -', '200 subscription']);
  const level = gateway.statistics().throttling?.levels.find((one) => one.level === 'subscription');
  assert.deepEqual(level, { level: 'subscription', admitted: 1, passed: 1, refused: 0 });
});

test('a plan that nobody has told of limits nothing and is reported once', async (t) => {
  const { call, logged } = await stage(t, {
    entries: picture([
      entry.subscription(subscription({ plan: 'Lost' })),
      entry.application(application({ plan: 'Lost too' })),
    ]),
  });
  for (let count = 0; count < 5; count++) assert.equal((await call('/orders/1.0.0/x', good())).status, 200);
  assert.deepEqual(
    logged.map(({ fields }) => (fields as { plan: string }).plan),
    ['Lost', 'Lost too'],
  );
});

test('calls that need no subscription are held to the plan for them, each client by itself', async (t) => {
  const { call } = await stage(t, {
    subscriptionCheck: false,
    entries: picture([
      entry.plan(plan('subscription', 'DefaultSubscriptionless', { quota: callsPerMinute(2) })),
      ...bronze(1),
    ]),
  });
  for (const status of [200, 200, 429]) assert.equal((await call('/orders/1.0.0/x', good())).status, status);
  const other = { headers: bearer(issuer.token({ azp: 'client-2' })) };
  assert.equal((await call('/orders/1.0.0/x', other)).status, 200);
});

test('a test key is held to the limits of the API, and to nobody’s plans', async (t) => {
  const { call, put, backend } = await stage(t, {
    entries: picture([
      ...bronze(0),
      entry.plan(plan('subscription', 'Unauthenticated', { quota: callsPerMinute(0) })),
      entry.plan(plan('advanced', 'Slow', { quota: callsPerMinute(1) })),
    ]),
  });
  await put(entry.api(ordersApi(backend, { apiThrottlingPolicy: 'Slow' })));
  const apis = [{ context: '/orders/1.0.0', version: '1.0.0' }];
  const key = testKeyIssuer.token({ token_type: 'InternalKey', subscribedAPIs: apis });
  const withKey = { headers: { 'internal-key': key } };
  assert.equal((await call('/orders/1.0.0/x', withKey)).status, 200);
  assert.equal((await call('/orders/1.0.0/x', withKey)).headers['sluice-cause'], 'api-limit-exceeded');
});

test('one plan limits each API by itself, and a caller of both finds each of its counts again', async (t) => {
  const { call } = await stage(t, {
    subscriptionCheck: false,
    entries: (backend) => [
      ...commonPicture(backend),
      entry.plan(plan('subscription', 'DefaultSubscriptionless', { quota: callsPerMinute(2) })),
      entry.api(
        deployedApi({
          id: 'api-2',
          name: 'stock',
          basePath: '/stock/1.0.0',
          operations: [operation('GET', '/*')],
          endpoints: { production: leaf(backend.url), sandbox: null },
        }),
      ),
    ],
  });
  const headers = bearer(issuer.token());
  const statuses: number[] = [];
  for (const path of ['orders', 'stock', 'orders', 'stock', 'orders', 'stock']) {
    statuses.push((await call(`/${path}/1.0.0/x`, { headers })).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
});

test('a page of another origin may read what is left', async (t) => {
  const { call } = await stage(t, { entries: picture(bronze(1)), throttling: { rateLimitHeaders: true } });
  const options = { headers: { ...bearer(issuer.token()), origin: 'https://page.example.com' } };
  for (const status of [200, 429]) {
    const answer = await call('/orders/1.0.0/x', options);
    assert.equal(answer.status, status);
    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.equal(answer.headers['access-control-expose-headers'], 'RateLimit, RateLimit-Policy, Retry-After');
    assert.equal(answer.headers['ratelimit-policy'], '"subscription";q=1;w=60');
    assert.match(String(answer.headers.ratelimit), /^"subscription";r=0;t=\d+$/);
  }
});

test('a faulty trusted proxy does not become a client that is believed', async (t) => {
  await assert.rejects(stage(t, { throttling: { trustedProxies: ['10.0.0.0/99'] } }), /10\.0\.0\.0\/99/);
});

test('the record of a denied call says what of it a policy names', async (t) => {
  const condition = { type: 'IPRANGE', first: '198.51.100.0', last: '198.51.100.9', invert: false } as const;
  const value = { id: 'deny-1', organization: 'carbon.super', condition, enabled: true };
  const { call, logged, gateway } = await stage(t, {
    entries: picture([{ kind: 'denyPolicy', id: 'deny-1', value }]),
    throttling: { trustedProxies: ['127.0.0.1'] },
  });
  const behind = (address: string) => ({ headers: { ...bearer(issuer.token()), 'x-forwarded-for': address } });
  assert.equal((await call('/orders/1.0.0/x', behind('198.51.100.10'))).status, 200);
  assert.equal((await call('/orders/1.0.0/x', behind('203.0.113.1, 198.51.100.9'))).status, 403);
  const { denied, address, client, level } = (logged[0]?.fields ?? {}) as Record<string, unknown>;
  assert.deepEqual([level, denied, address, client], ['deny', 'IP', '198.51.100.9', '127.0.0.1']);
  assert.equal(gateway.statistics().throttling?.levels.find((one) => one.level === 'deny')?.refused, 1);
});

test('a deny policy that cannot be read is reported once, and denies nobody', async (t) => {
  const condition = { type: 'IP', address: 'somewhere', invert: true } as const;
  const value = { id: 'deny-1', organization: 'carbon.super', condition, enabled: true };
  const other = { ...value, id: 'deny-2', condition: { type: 'API', value: '/other/1' } as const };
  const { call, logged, put } = await stage(t, { entries: picture([{ kind: 'denyPolicy', id: 'deny-1', value }]) });
  await put({ kind: 'denyPolicy', id: 'deny-2', value: other });
  assert.equal((await call('/orders/1.0.0/x', good())).status, 200);
  assert.deepEqual(
    logged.map(({ message, fields }) => [message, (fields as { policy: string }).policy]),
    [['A deny policy cannot be read; it denies nothing', 'deny-1']],
  );
});

test('a WebSocket whose bandwidth is used up is broken off, also by a plan that came later, and no further one opens', async (t) => {
  const sockets = await startWebSocketBackend(t);
  const quota = { type: 'BANDWIDTHLIMIT', dataAmount: 1, dataUnit: 'GB', timeUnit: 'month', unitTime: 1 } as const;
  const { port, gateway, put } = await stage(t, {
    entries: (backend) => [
      ...commonPicture(backend),
      entry.plan(plan('subscription', 'Narrow', { quota })),
      entry.subscription(subscription({ plan: 'Narrow' })),
      entry.api(
        deployedApi({
          type: 'WS',
          operations: [operation('SUBSCRIBE', '/*')],
          endpoints: { production: leaf(sockets.url, { kind: 'ws' }), sandbox: null },
        }),
      ),
    ],
  });
  const lines = [`Authorization: Bearer ${issuer.token()}`];
  const { status, socket } = await shakeHands(t, port, '/orders/1.0.0/room', lines);
  assert.equal(status, 101);
  await put(entry.plan(plan('subscription', 'Narrow', { quota: { ...quota, dataUnit: 'KB' } })));
  const frame = Buffer.concat([Buffer.from([0x82, 0x80 | 100, 0, 0, 0, 0]), Buffer.alloc(100, 'x')]);
  for (let count = 0; count < 12; count++) socket.write(frame);
  await once(socket, 'close');
  await until(() => gateway.statistics().inFlight === 0, 'the call is over');
  assert.equal((await shakeHands(t, port, '/orders/1.0.0/room', lines)).status, 429);
});
