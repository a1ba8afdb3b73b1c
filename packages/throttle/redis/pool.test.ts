import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Limit } from '../limit.ts';
import { at, TestGateway, turn } from '../testing/gateways.ts';
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts';
import { openWire, type Wire } from '../testing/wire.ts';

let server: RedisServer;
const wires: Wire[] = [];
const open: TestGateway[] = [];
let names = 0;

before(async () => {
  server = await startRedisServer();
});
after(async () => {
  await Promise.all(open.map(({ pool }) => pool.close()));
  for (const wire of wires) wire.close();
  await server.stop();
});

/** Gateways that have found one another. */
async function gateways(count: number, fail: 'closed' | 'local-share' | 'open' = 'local-share') {
  const all = Array.from({ length: count }, () => new TestGateway(at(server.port), { fail }));
  open.push(...all);
  await Promise.all(all.map((one) => one.ready()));
  await turn(1200);
  return all;
}

const hour = (amount: number): Limit => ({
  amount,
  measure: 'calls',
  window: { kind: 'aligned', unit: 'hour', count: 1 },
});
const counter = () => `test/${++names}`;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

for (const fail of ['local-share', 'closed'] as const) {
  test(`four gateways together get a limit to the last unit, whoever asks (${fail})`, { timeout: 60_000 }, async () => {
    const all = await gateways(4, fail);
    for (const amount of [1, 3, 10, 99, 1000, 20_000]) {
      const step = Math.max(1, Math.floor(amount / 200));
      const even = counter();
      const limit = hour(amount);
      assert.equal(
        sum(await Promise.all(all.map((one) => one.drain(even, limit, { step })))),
        amount,
        `${amount}, all`,
      );
      const alone = counter();
      assert.equal(await (all[0] as TestGateway).drain(alone, limit, { step }), amount, `${amount}, one`);
      assert.equal(await (all[1] as TestGateway).drain(alone, limit, { step }), 0, `${amount}, then another`);
    }
    await Promise.all(all.map(({ pool }) => pool.close()));
  });
}

test('a limit of ten million is no slower than a small one', async () => {
  const [one] = await gateways(1);
  assert.equal(await one?.drain(counter(), hour(10_000_000), { step: 100_000 }), 10_000_000);
  await one?.pool.close();
});

test('windows of a second stay within the limit and use 99 % of it, over several windows', {
  timeout: 60_000,
}, async () => {
  const all = await gateways(3);
  const limit: Limit = { amount: 300, measure: 'calls', window: { kind: 'aligned', unit: 'sec', count: 1 } };
  const name = counter();
  const until = performance.now() + 4500;
  await Promise.all(
    all.map(async (one) => {
      while (performance.now() < until) {
        const { units } = await one.ask(name, limit);
        if (units === 0) await turn(4);
        else await new Promise(setImmediate);
      }
    }),
  );
  const byWindow = new Map<string, number>();
  for (const { granted } of all) {
    for (const [window, units] of granted) byWindow.set(window, (byWindow.get(window) ?? 0) + units);
  }
  const counts = [...byWindow].sort().map(([, units]) => units);
  for (const units of counts) assert.ok(units <= 300, `${counts}`);
  // The first and the last are cut short.
  for (const units of counts.slice(1, -1)) assert.ok(units >= 297, `${counts}`);
  assert.ok(counts.length >= 4);
  await Promise.all(all.map(({ pool }) => pool.close()));
});

test('a window from the first call is one for all, and another begins after it', { timeout: 60_000 }, async () => {
  const all = await gateways(3);
  const limit: Limit = { amount: 50, measure: 'calls', window: { kind: 'first-call', millis: 1000 } };
  const name = counter();
  await Promise.all(all.map((one) => one.drain(name, limit)));
  await turn(1050);
  await Promise.all(all.map((one) => one.drain(name, limit)));
  const byWindow = new Map<string, number>();
  for (const { granted } of all) {
    for (const [window, units] of granted) if (units > 0) byWindow.set(window, (byWindow.get(window) ?? 0) + units);
  }
  assert.deepEqual([...byWindow.values()], [50, 50]);
  await Promise.all(all.map(({ pool }) => pool.close()));
});

test('what a gateway holds counts as spent when it dies, and not when it leaves', { timeout: 60_000 }, async () => {
  const wire = await openWire(server.port);
  wires.push(wire);
  const [stays] = await gateways(1);
  const dies = new TestGateway(at(wire.port));
  open.push(dies);
  await dies.ready();
  await turn(1200);
  const dead = counter();
  assert.equal(await dies.drain(dead, hour(100), { most: 10 }), 10);
  wire.cut();
  await turn(2200);
  const rest = (await stays?.drain(dead, hour(100))) ?? 0;
  assert.ok(rest <= 90 && rest >= 40, `${rest}`);
  wire.mend();
  await turn(1000);
  assert.equal(rest + (await dies.drain(dead, hour(100))) + 10, 100, 'and it has the rest when it is back');
  const left = counter();
  assert.equal(await dies.drain(left, hour(100), { most: 10 }), 10);
  await dies.pool.close();
  assert.equal(await stays?.drain(left, hour(100)), 90);
  await stays?.pool.close();
});

test('units that are returned can be had again, and those owed count beyond what is left', {
  timeout: 60_000,
}, async () => {
  const [one, other] = await gateways(2);
  const name = counter();
  const first = await one?.ask(name, hour(10), 4);
  assert.equal(first?.units, 4);
  await one?.ask(name, hour(10), 0, { returned: 3, window: first?.window ?? 0 });
  await one?.ask(name, hour(10), 0, { owed: 5, window: first?.window ?? 0 });
  // 1 and 5 are spent.
  assert.equal(await other?.drain(name, hour(10)), 4);
  assert.equal(await one?.drain(name, hour(10)), 0);
  await Promise.all([one?.pool.close(), other?.pool.close()]);
});

test('a limit that is raised in its window keeps what was counted', { timeout: 60_000 }, async () => {
  const [one, other] = await gateways(2);
  const name = counter();
  assert.equal(await one?.drain(name, hour(10)), 10);
  assert.equal(await other?.drain(name, hour(10)), 0);
  assert.equal(sum(await Promise.all([one, other].map((each) => each?.drain(name, hour(30)) ?? 0))), 20);
  await Promise.all([one?.pool.close(), other?.pool.close()]);
});

test('records in Redis expire with their windows, and keys are short whatever the counter is called', async () => {
  const [one] = await gateways(1, 'closed');
  const limit: Limit = { amount: 5, measure: 'calls', window: { kind: 'first-call', millis: 1000 } };
  await one?.drain(`long/${'x'.repeat(10_000)}`, limit);
  const keys = (await server.cli('keys', '*:c:~*')).trim().split('\n');
  assert.equal(keys.length, 1);
  assert.ok((keys[0] as string).length < 100, keys[0]);
  const life = Number(await server.cli('pttl', keys[0] as string));
  assert.ok(life > 0 && life <= 2100, `${life}`);
  await one?.pool.close();
});

test('bytes that are owed of no known window count in the one that is open', async () => {
  const [one] = await gateways(1);
  const name = counter();
  await one?.ask(name, hour(100), 10);
  await one?.ask(name, hour(100), 0, { owed: 60 });
  assert.equal(await one?.drain(name, hour(100)), 30);
  await one?.pool.close();
});

test('a counter that is reset at one gateway is so at all of them, and has its limit once more and no unit above', {
  timeout: 60_000,
}, async () => {
  const all = await gateways(3);
  const [one, two, three] = all as [TestGateway, TestGateway, TestGateway];
  const name = counter();
  const limit = hour(300);
  assert.equal(sum([await one.drain(name, limit, { most: 250 }), await two.drain(name, limit)]), 300);
  assert.equal(await three.drain(name, limit), 0);
  const heard = [two, three].map(
    ({ pool }) =>
      new Promise<void>((resolve) =>
        pool.watchResets((counter) => {
          pool.reset(counter);
          resolve();
        }),
      ),
  );
  one.pool.watchResets(() => assert.fail('it is told what it told others'));
  one.pool.reset(name);
  await one.pool.tellReset(name);
  await Promise.all(heard);
  assert.equal(await two.drain(name, limit), 300);
  assert.equal(sum(await Promise.all(all.map((gateway) => gateway.drain(name, limit)))), 0);
  await Promise.all(all.map(({ pool }) => pool.close()));
  await assert.rejects(one.pool.tellReset(name), /away/);
});

test('a clock of Redis that was an hour ahead and is put right keeps no window open for that hour', {
  timeout: 60_000,
}, async () => {
  const [one] = await gateways(1);
  const limit: Limit = { amount: 5, measure: 'calls', window: { kind: 'aligned', unit: 'sec', count: 1 } };
  const name = counter();
  assert.ok(((await one?.drain(name, limit)) ?? 0) >= 5);
  const key = 'sluice:{throttle-0}:roster';
  const roster = JSON.parse(await server.cli('GET', key)) as { hi: number };
  await server.cli('SET', key, JSON.stringify({ ...roster, hi: roster.hi + 3_600_000 }));
  const windows = new Set<string>();
  const since = performance.now();
  while (windows.size < 3 && performance.now() - since < 8000) {
    const { units, window } = (await one?.ask(name, limit)) ?? { units: 0, window: 0 };
    if (units > 0 && window * 1000 > roster.hi + 3_590_000) windows.add(String(window));
    await turn(20);
  }
  assert.equal(windows.size, 3);
  for (const units of one?.granted.values() ?? []) assert.ok(units <= 5, String(units));
  await one?.pool.close();
  // Others are not to see it.
  await server.cli('FLUSHALL');
});
