import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type LeafEndpoint, silentLog } from '@sluice/model';
import { entry, leaf } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import { deadUrl } from '../transport/testing/dead.ts';
import type { LeafExchange, LeafNews } from './leaf-news.ts';
import { LeafRecords } from './leaf-records.ts';

/** An exchange in the hands of a test. */
class Hands implements LeafExchange {
  readonly told: LeafNews[] = [];
  readonly forgotten: string[] = [];
  take: (news: readonly LeafNews[], gone: readonly string[]) => void = () => {};

  tell(news: readonly LeafNews[]): void {
    this.told.push(...news);
  }

  forget(keys: readonly string[]): void {
    this.forgotten.push(...keys);
  }

  watch(take: (news: readonly LeafNews[], gone: readonly string[]) => void): void {
    this.take = take;
  }
}

/** A gateway before a backend that refuses, and what it tells of it. */
async function stageOfRefusal(t: TestContext, exchange: Hands) {
  const dead = await deadUrl();
  const served = await stage(t, { leafExchange: exchange });
  return { ...served, dead, ...actionsOf(served) };
}

function actionsOf({ backend, call, put }: Stage) {
  return {
    deploy: (url: string, more: Parameters<typeof ordersApi>[1] = {}) =>
      put(entry.api(ordersApi(backend, { endpoints: { production: leaf(url), sandbox: null }, ...more }))),
    async status(): Promise<number> {
      return (await call('/orders/1.0.0/x', { headers: bearer(issuer.token()) })).status;
    },
  };
}

test('a suspension is told with what led to it, and holds in another gateway as long as in the first', async (t) => {
  const [here, there] = [new Hands(), new Hands()];
  const first = await stageOfRefusal(t, here);
  await first.deploy(first.dead);
  assert.equal(await first.status(), 502);
  await until(() => here.told.length > 0, 'it is told');
  const [news] = here.told as [LeafNews];
  const { retryIn, age, key, ...rest } = news;
  assert.deepEqual(rest, {
    ...{ api: ordersApi(first.backend).id, name: 'prod', status: 'suspended', remaining: 0, lastDuration: 30_000 },
    ...{ cause: 101503, reason: 'backend-connection-refused' },
  });
  assert.ok(retryIn > 29_000 && retryIn <= 30_000 && age >= 0 && age < 1000, `${retryIn}, ${age}`);
  assert.ok(!key.includes(first.dead));

  const second = await stageOfRefusal(t, there);
  await second.deploy(first.dead);
  there.take([news], []);
  assert.equal(await second.status(), 503);
  there.take([{ ...news, retryIn: 0 }], []);
  assert.equal(await second.status(), 502, 'it is tried when its time is over');
  await until(() => there.told.length > 0, 'what became of that is told');
  assert.equal(there.told[0]?.lastDuration, 30_000);
});

test('a state that comes before its API is there holds from the first call; one of another form of the leaf does not', async (t) => {
  const [here, there] = [new Hands(), new Hands()];
  const first = await stageOfRefusal(t, here);
  await first.deploy(first.dead);
  await first.status();
  await until(() => here.told.length > 0, 'it is told');

  const second = await stageOfRefusal(t, there);
  there.take(here.told, []);
  assert.equal(await second.status(), 200, 'the leaf of the same name has another address');
  await second.deploy(first.dead);
  assert.equal(await second.status(), 503);

  const third = await stageOfRefusal(t, there);
  there.take(here.told, []);
  there.take([], [here.told[0]?.key ?? '']);
  await third.deploy(first.dead);
  assert.equal(await third.status(), 502, 'it is gone elsewhere, and new here');
});

test('a leaf that is off is off in the middle of calls, and on again with all its patience', async (t) => {
  const exchange = new Hands();
  const { backend, deploy, status, gateway } = await stageOfRefusal(t, exchange);
  await deploy(backend.url);
  const row = [...gateway.leaves()].find(({ name }) => name === 'prod');
  const nothing = { retryIn: 0, remaining: 0, lastDuration: 0, cause: 0, reason: '', age: 0 };
  const off = { key: row?.key ?? '', api: ordersApi(backend).id, name: 'prod', status: 'off', ...nothing } as const;
  exchange.take([off], []);
  assert.equal(await status(), 503);
  exchange.take([{ ...off, status: 'active' }], []);
  assert.equal(await status(), 200);
  assert.deepEqual(exchange.told, [], 'nothing of it began here');
});

/** The one leaf of an API, without a gateway; what it tells is told when the timers of the test run. */
function recordOf(t: TestContext, exchange: Hands) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const records = new LeafRecords(silentLog, {}, exchange);
  const deployment = records.deploy({ id: 'api-1', label: 'orders/1.0.0' });
  const record = deployment.of(leaf('http://127.0.0.1:1') as LeafEndpoint, false);
  deployment.commit();
  return { records, record };
}

test('an endpoint that fails all the time can be switched off: a fault that is not told yet does not keep that from being heard', (t) => {
  const exchange = new Hands();
  const { record } = recordOf(t, exchange);
  record.failed(101503, 'backend-connection-refused');
  exchange.take([{ ...record.news(), status: 'off' }], []);
  assert.equal(record.state.facts.status, 'off');
  t.mock.timers.tick(1000);
  assert.deepEqual(exchange.told, []);
});

test('of a leaf that is gone nothing is told any more, though its last calls fail: nobody would ever forget it', (t) => {
  const exchange = new Hands();
  const { records, record } = recordOf(t, exchange);
  records.forget('api-1');
  record.failed(101503, 'backend-connection-refused');
  t.mock.timers.tick(1000);
  assert.deepEqual(exchange.told, []);
});

test('leaves that go with their API, or with its form, are told to be gone where others know them', async (t) => {
  const exchange = new Hands();
  const { dead, backend, deploy, status, remove } = await stageOfRefusal(t, exchange);
  await deploy(backend.url);
  assert.equal(await status(), 200);
  await deploy(dead);
  assert.deepEqual(exchange.forgotten, [], 'nobody was told of the first');
  await status();
  await until(() => exchange.told.length === 1, 'it is told');
  const [news] = exchange.told;
  await deploy(dead, { revisionId: 'revision-2' });
  assert.deepEqual(exchange.forgotten, []);
  await deploy(backend.url);
  assert.deepEqual(exchange.forgotten, [news?.key]);
  await deploy(dead);
  await status();
  await until(() => exchange.told.length === 2, 'it is told anew');
  await remove('api', ordersApi(backend).id);
  assert.deepEqual(exchange.forgotten, [news?.key, news?.key]);
});

test('the list of leaves counts answers and faults, and shows no secrets of addresses', async (t) => {
  const { backend, deploy, status, gateway } = await stageOfRefusal(t, new Hands());
  await deploy(`${backend.url}/base?key=hush&list`);
  await status();
  await status();
  const [row] = gateway.leaves();
  assert.deepEqual(row, {
    ...{ id: `${ordersApi(backend).id}/prod`, key: row?.key, api: 'orders/1.0.0', name: 'prod' },
    ...{ url: `${backend.url}/base?key=***&list`, answers: 2, faults: 0 },
  });
});
