import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Endpoint, LoadBalanceEndpoint } from '@sluice/model';
import { entry, leaf, operation, tireless } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { bearer, startBackend, type TestBackend } from '../testing/http.ts';
import { deadUrl } from '../transport/testing/dead.ts';

const good = () => ({ headers: bearer(issuer.token()) });
const verbs = ['GET', 'POST', 'PUT', 'DELETE'];
/** A gateway before `production`, and a backend that takes each request whole and then breaks the connection. */
async function staged(
  t: TestContext,
  production: (good: TestBackend, breaking: TestBackend) => Endpoint,
  options: Parameters<typeof stage>[1] = {},
): Promise<Stage & { readonly breaking: TestBackend }> {
  const breaking = await startBackend('breaking', (_, response) => response.socket?.destroy());
  t.after(() => breaking.close());
  const world = await stage(t, options);
  const endpoints = { production: production(world.backend, breaking), sandbox: null };
  await world.put(
    entry.api(ordersApi(world.backend, { endpoints, operations: verbs.map((verb) => operation(verb, '/*')) })),
  );
  return { ...world, breaking };
}

function failover(...children: Endpoint[]): Endpoint {
  return {
    kind: 'failover',
    name: 'prod',
    children: children.map((child, place) => ({ ...child, name: `prod[${place}]` })),
  };
}

test('what a backend may have worked on is sent again only where that means the same, with its body', async (t) => {
  const { call, backend, breaking } = await staged(t, (good, broken) =>
    failover(leaf(broken.url, tireless), leaf(good.url)),
  );
  const large = 'x'.repeat(60_000);
  const rows: [method: string, body: string, delivered: number][] = [
    ['GET', '', 2],
    ['PUT', 'small', 2],
    ['PUT', large, 2],
    ['DELETE', 'why', 2],
    ['POST', '', 1],
    ['POST', 'order', 1],
    ['PUT', 'x'.repeat(70_000), 1],
  ];
  for (const [method, body, delivered] of rows) {
    backend.received.length = 0;
    breaking.received.length = 0;
    const headers = { ...good().headers, 'content-length': body.length };
    const answer = await call('/orders/1.0.0/x', { method, body, headers });
    const all = [...breaking.received, ...backend.received];
    assert.deepEqual([answer.status, all.length], [delivered === 2 ? 200 : 502, delivered], `${method} ${body.length}`);
    for (const received of all) assert.equal(received.body, body, method);
  }
});

test('a body that comes in pieces is whole at the second member, and chunked as it came', async (t) => {
  const { call, backend } = await staged(t, (good, broken) => failover(leaf(broken.url, tireless), leaf(good.url)));
  const headers = { ...good().headers, 'transfer-encoding': 'chunked' };
  const answer = await call('/orders/1.0.0/x', { method: 'PUT', headers, body: 'in pieces' });
  assert.deepEqual([answer.status, backend.received[0]?.body], [200, 'in pieces']);
  assert.equal(backend.received[0]?.headers['transfer-encoding'], 'chunked');
});

test('no body is kept beyond the bound of the settings', async (t) => {
  const { call, breaking } = await staged(t, (good, broken) => failover(leaf(broken.url, tireless), leaf(good.url)), {
    backendSecurity: { keepsBody: 10 },
  });
  const statusOf = async (body: string) => (await call('/orders/1.0.0/x', { method: 'PUT', body, ...good() })).status;
  assert.deepEqual([await statusOf('0123456789'), await statusOf('0123456789a')], [200, 502]);
  assert.equal(breaking.received.length, 2);
});

test('codes that a member says are not tried again are not, whatever the method', async (t) => {
  const retry = { disabledErrorCodes: ['101508'], enabledErrorCodes: [] };
  const only = { disabledErrorCodes: [], enabledErrorCodes: ['101503'] };
  for (const [rule, status] of [
    [retry, 502],
    [only, 502],
    [{ ...retry, disabledErrorCodes: ['101503'] }, 200],
  ] as const) {
    const { call } = await staged(t, (good, broken) =>
      failover(leaf(broken.url, { ...tireless, retry: rule }), leaf(good.url)),
    );
    assert.equal((await call('/orders/1.0.0/x', good())).status, status);
  }
});

test('`failOver: false` is heard unless the gateway reads it as WSO2 before 4.6 did', async (t) => {
  const dead = await deadUrl();
  const group = (good: TestBackend, offSince: Pick<LoadBalanceEndpoint, 'offSince'>): LoadBalanceEndpoint => ({
    ...{ kind: 'load_balance', name: 'prod', algorithm: 'round_robin', session: null, failover: false, ...offSince },
    children: [leaf(dead, { name: 'prod[0]' }), leaf(good.url, { name: 'prod[1]' })],
  });
  for (const [failoverSwitch, offSince, status] of [
    [true, { offSince: '4.6' }, 502],
    [false, { offSince: '4.6' }, 200],
    [false, {}, 502],
  ] as const) {
    const { call } = await staged(t, (good) => group(good, offSince), { groups: { failoverSwitch } });
    assert.equal((await call('/orders/1.0.0/x', good())).status, status);
  }
});

test('a storm of faults reaches the second member only within the budget, and what was not sent costs none of it', async (t) => {
  const dead = await deadUrl();
  const options = { groups: { retryShare: 0.25, retryFloor: 0 } };
  const storm = await staged(t, (good, broken) => failover(leaf(broken.url, tireless), leaf(good.url)), options);
  for (let i = 0; i < 20; i++) await storm.call('/orders/1.0.0/x', good());
  assert.ok(
    storm.backend.received.length >= 4 && storm.backend.received.length <= 5,
    `${storm.backend.received.length}`,
  );
  const { callsTakenOver, callsOverBudget } = storm.gateway.statistics();
  assert.deepEqual([callsTakenOver, callsTakenOver + callsOverBudget], [storm.backend.received.length, 20]);
  const unreached = await staged(t, (good) => failover(leaf(dead, tireless), leaf(good.url)), options);
  for (let i = 0; i < 20; i++) assert.equal((await unreached.call('/orders/1.0.0/x', good())).status, 200);
});

test('the same customer meets the same member, and another one only while that is away', async (t) => {
  const second = await startBackend('second');
  t.after(() => second.close());
  const group = (good: TestBackend): LoadBalanceEndpoint => ({
    ...{ kind: 'load_balance', name: 'prod', algorithm: 'consistent_hash', session: null, failover: true },
    children: [leaf(good.url, { name: 'prod[0]' }), leaf(second.url, { name: 'prod[1]' })],
    hash: { source: 'header', name: 'X-Customer', bound: null },
  });
  const { call } = await staged(t, group);
  const askedBy = async (customer: string) =>
    (await call('/orders/1.0.0/x', { headers: { ...good().headers, 'x-customer': customer } })).body;
  const homes = new Map<string, string>();
  for (let i = 0; i < 12; i++) homes.set(`c${i}`, await askedBy(`c${i}`));
  assert.deepEqual(new Set(homes.values()), new Set(['backend', 'second']));
  for (const [customer, home] of homes) assert.equal(await askedBy(customer), home);
  await second.close();
  for (const customer of homes.keys()) assert.equal(await askedBy(customer), 'backend');
});
