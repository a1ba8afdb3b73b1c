import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Endpoint, GroupRules } from '@sluice/model';
import { entry, leaf } from '../../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../../testing/gateway.ts';
import { bearer, startBackend, type TestBackend } from '../../testing/http.ts';
import { until } from '../../testing/until.ts';

const check = { path: '/up?deep=1', interval: 100, timeout: 1000, healthyAfter: 2, unhealthyAfter: 2 };

/** A backend whose answers to checks and to calls have the status that is set. */
async function member(t: TestContext, name: string): Promise<TestBackend & { check: number; call: number }> {
  const status = { check: 200, call: 200 };
  const backend = await startBackend(name, (received, response) => {
    response.statusCode = received.url.startsWith('/base/up') ? status.check : status.call;
    response.end(name);
  });
  t.after(() => backend.close());
  return Object.assign(status, backend);
}

type Member = Awaited<ReturnType<typeof member>>;

async function staged(
  t: TestContext,
  rules: GroupRules,
): Promise<Stage & { one: Member; two: Member; deploy: Deploy }> {
  const [one, two] = await Promise.all([member(t, 'one'), member(t, 'two')]);
  const world = await stage(t);
  const deploy: Deploy = async (told) => {
    const children = [one, two].map(({ url }, place) => leaf(`${url}/base`, { name: `prod[${place}]` }));
    const production: Endpoint = { kind: 'failover', name: 'prod', children, ...told };
    await world.put(entry.api(ordersApi(world.backend, { endpoints: { production, sandbox: null } })));
  };
  await deploy(rules);
  return { ...world, one, two, deploy };
}

type Deploy = (rules: GroupRules) => Promise<void>;

async function ask({ call }: Stage): Promise<string> {
  const { status, body, headers } = await call('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
  return status === 200 ? body : `${status} ${headers['sluice-cause'] ?? body}`;
}

function checksOf({ received }: TestBackend) {
  return received.filter(({ url }) => url === '/base/up?deep=1');
}

test('a member that fails its checks gets no calls, though it would answer them, until it passes them again', async (t) => {
  const world = await staged(t, { healthCheck: check });
  const { one } = world;
  assert.equal(await ask(world), 'one');
  one.check = 503;
  await until(async () => (await ask(world)) === 'two', 'the member is found out');
  one.check = 204;
  const before = checksOf(one).length;
  await until(async () => (await ask(world)) === 'one', 'the member is found well');
  assert.ok(checksOf(one).length - before >= 2);
  assert.equal(checksOf(one)[0]?.method, 'GET');
});

test('a group that is told of no checks any more makes none, and lets the member go that failed them', async (t) => {
  const world = await staged(t, { healthCheck: check });
  world.one.check = 500;
  await until(async () => (await ask(world)) === 'two', 'the member is found out');
  await world.deploy({});
  assert.equal(await ask(world), 'one');
  const { length } = checksOf(world.one);
  await world.deploy({ healthCheck: { ...check, path: '/up?deep=2' } });
  await until(() => world.one.received.some(({ url }) => url === '/base/up?deep=2'), 'the new check is made');
  // One that was under way as the group changed may have come in between.
  assert.ok(checksOf(world.one).length <= length + 1);
});

test('a member that answers 5xx too often in a row rests, but never more members than the rule says', async (t) => {
  const world = await staged(t, { outlier: { failures: 3, duration: 60_000, most: 50 } });
  const { one, two } = world;
  one.call = 500;
  assert.deepEqual([await ask(world), await ask(world)], ['500 one', '500 one']);
  one.call = 200;
  assert.equal(await ask(world), 'one');
  one.call = 503;
  assert.deepEqual([await ask(world), await ask(world), await ask(world)], ['503 one', '503 one', '503 one']);
  assert.equal(await ask(world), 'two');
  two.call = 502;
  for (let i = 0; i < 5; i++) assert.equal(await ask(world), '502 two');
  two.call = 200;
  one.call = 200;
  // Its rest ends by its time, whatever others answer.
  assert.equal(await ask(world), 'two');
});

test('without rules answers 5xx are answers like others', async (t) => {
  const world = await staged(t, {});
  world.one.call = 500;
  for (let i = 0; i < 12; i++) assert.equal(await ask(world), '500 one');
});
