import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Limit } from '../limit.ts';
import { at, type KeptLog, TestGateway, turn } from '../testing/gateways.ts';
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts';
import { openWire } from '../testing/wire.ts';

let server: RedisServer;
let open: TestGateway[] = [];

beforeEach(async () => {
  server = await startRedisServer();
});
afterEach(async () => {
  await Promise.all(open.map(({ pool }) => pool.close()));
  open = [];
  await server.stop();
});

async function gateways(count: number, fail: 'closed' | 'local-share' | 'open' = 'local-share') {
  const all = Array.from({ length: count }, () => new TestGateway(at(server.port), { fail }));
  open.push(...all);
  await Promise.all(all.map((one) => one.ready()));
  // Shares are settled after some beats.
  await turn(1500);
  return all;
}

const seconds = (amount: number): Limit => ({
  amount,
  measure: 'calls',
  window: { kind: 'aligned', unit: 'sec', count: 1 },
});
const hour = (amount: number): Limit => ({
  amount,
  measure: 'calls',
  window: { kind: 'aligned', unit: 'hour', count: 1 },
});
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const outages = (log: KeptLog) => log.lines.filter(({ level }) => level === 'warn').length;

/** Asks all the time until told to stop; the counts by window. */
function load(all: readonly TestGateway[], counter: string, limit: Limit) {
  let stop = false;
  const done = Promise.all(
    all.map(async (one) => {
      while (!stop) {
        const { units } = await one.ask(counter, limit);
        await (units === 0 ? turn(5) : new Promise(setImmediate));
      }
    }),
  );
  return async () => {
    stop = true;
    await done;
    const byWindow = new Map<number, number>();
    for (const { granted } of all) {
      for (const [key, units] of granted) {
        if (!key.startsWith(`${counter}@`)) continue;
        const window = Number(key.slice(counter.length + 1));
        byWindow.set(window, (byWindow.get(window) ?? 0) + units);
      }
    }
    return [...byWindow].sort(([a], [b]) => a - b).map(([, units]) => units);
  };
}

test('Redis killed and started again, empty: no window above the limit, all of each used, none waits, one word in the log', {
  timeout: 60_000,
}, async () => {
  const all = await gateways(4);
  const limit = seconds(400);
  const stop = load(all, 'c', limit);
  await turn(1500);
  await server.kill();
  await Promise.all(all.map(({ log }) => log.line('away')));
  await turn(2200);
  await server.start();
  await Promise.all(all.map(({ log }) => log.line('back')));
  await turn(2200);
  const counts = await stop();
  for (const units of counts) assert.ok(units <= 400, `${counts}`);
  // The windows in which Redis went and came may have lost what was on its way, besides the first and the last.
  assert.ok(counts.slice(1, -1).filter((units) => units >= 396).length >= counts.length - 4, `${counts}`);
  for (const one of all) {
    assert.equal(outages(one.log), 1);
    assert.ok(one.slowest < 250, `${one.slowest} ms`);
  }
});

test('what was spent before Redis lost its data is still spent after', { timeout: 60_000 }, async () => {
  const all = await gateways(3);
  const [a, b, c] = all as [TestGateway, TestGateway, TestGateway];
  const before = (await a.drain('c', hour(1000), { most: 500 })) + (await b.drain('c', hour(1000), { most: 100 }));
  await server.kill();
  await Promise.all(all.map(({ log }) => log.line('away')));
  await server.start();
  await Promise.all(all.map(({ log }) => log.line('back')));
  await turn(1200);
  const after = sum(await Promise.all([a, b, c].map((one) => one.drain('c', hour(1000)))));
  assert.equal(before + after, 1000);
});

test('what gateways had spent that have left is still spent after Redis lost its data, also where one told the other', {
  timeout: 60_000,
}, async () => {
  const [first, second, stays] = (await gateways(3)) as [TestGateway, TestGateway, TestGateway];
  const limit = hour(1000);
  const asked = hour(100);
  let spent = await first.drain('c', limit, { most: 500 });
  let asking = await first.drain('asked', asked, { most: 40 });
  await first.pool.close();
  // One that joins now knows of the first only by what the second says at its end.
  const [late] = (await gateways(1)) as [TestGateway];
  await stays.pool.close();
  spent += await second.drain('c', limit, { most: 100 });
  asking += await late.drain('asked', asked, { most: 5 });
  await second.pool.close();
  // The roster is known without those that have left.
  await turn(700);
  await server.kill();
  await late.log.line('away');
  await server.start();
  await late.log.line('back');
  await turn(1200);
  assert.equal(spent + (await late.drain('c', limit)), 1000);
  assert.equal(asking + (await late.drain('asked', asked)), 100);
});

test('a gateway that is stopped and started again knows what it had spent of what it is asked for, also when Redis does not', {
  timeout: 60_000,
}, async () => {
  const [before] = (await gateways(1)) as [TestGateway];
  const limit = hour(1000);
  const spent = await before.drain('c', limit, { most: 600 });
  await before.pool.close();
  const [after] = (await gateways(1)) as [TestGateway];
  const asked = await after.drain('c', limit, { most: 1 });
  await server.kill();
  await after.log.line('away');
  await server.start();
  await after.log.line('back');
  await turn(1200);
  assert.equal(spent + asked + (await after.drain('c', limit)), 1000);
});

test('a window that was open when Redis lost its data gives nothing while a gateway that may have spent it is silent', {
  timeout: 60_000,
}, async () => {
  const wire = await openWire(server.port);
  const silent = new TestGateway(at(wire.port));
  open.push(silent);
  await silent.ready();
  const [speaks] = (await gateways(1)) as [TestGateway];
  const spent = await silent.drain('c', hour(1000), { most: 600 });
  const other = await speaks.drain('c', hour(1000), { most: 100 });
  wire.cut();
  await server.kill();
  await speaks.log.line('away');
  await server.start();
  await speaks.log.line('back');
  await turn(1200);
  let more = 0;
  for (let i = 0; i < 40; i++) more += (await speaks.ask('c', hour(1000))).units;
  more += await silent.drain('c', hour(1000));
  assert.ok(spent + other + more <= 1000, `${spent} + ${other} + ${more}`);
  wire.mend();
  await silent.log.line('back');
  await turn(1200);
  more += sum(await Promise.all([speaks, silent].map((one) => one.drain('c', hour(1000)))));
  assert.equal(spent + other + more, 1000, 'and gives the rest when all have spoken');
  wire.close();
});

test('a gateway that is cut off and others that are not stay within the limit together', {
  timeout: 60_000,
}, async () => {
  const wire = await openWire(server.port);
  const far = new TestGateway(at(wire.port));
  open.push(far);
  await far.ready();
  const near = await gateways(2);
  const all = [far, ...near];
  const burst: Limit = { amount: 60, measure: 'calls', window: { kind: 'first-call', millis: 1000 } };
  const stop = load(all, 'c', seconds(300));
  const times: number[] = [];
  let on = true;
  const bursts = Promise.all(
    all.map(async (one) => {
      while (on) {
        const { units } = await one.ask('b', burst);
        for (let i = 0; i < units; i++) times.push(performance.now());
        await turn(3);
      }
    }),
  );
  await turn(1000);
  wire.cut();
  await turn(5000);
  const alone = [...far.granted].filter(([key, units]) => key.startsWith('b@') && units > 0).length;
  wire.mend();
  await turn(2500);
  on = false;
  await bursts;
  const counts = await stop();
  for (const units of counts) assert.ok(units <= 300, `${counts}`);
  assert.ok(alone >= 2, 'the one that is cut off opens windows of its own');
  times.sort((x, y) => x - y);
  // Any window from a first call: two of them may touch a second of time.
  for (let i = 0; i + 120 < times.length; i++) {
    assert.ok((times[i + 120] as number) - (times[i] as number) > 990, 'more than two windows have within one second');
  }
  wire.close();
});

test('closed spends what is held and no more; open lets calls pass; neither waits', { timeout: 60_000 }, async () => {
  const [closed] = (await gateways(1, 'closed')) as [TestGateway];
  const [passes] = (await gateways(1, 'open')) as [TestGateway];
  await closed.ask('c', hour(10_000));
  await passes.ask('c', hour(10_000));
  await server.kill();
  await Promise.all([closed.log.line('away'), passes.log.line('away')]);
  closed.slowest = 0;
  const held = await closed.drain('c', hour(10_000));
  assert.ok(held <= 100, `${held}`);
  assert.equal((await closed.ask('c', hour(10_000))).outcome, 'away');
  assert.equal((await closed.ask('other', hour(10_000))).outcome, 'away');
  await passes.drain('c', hour(10_000));
  assert.equal((await passes.ask('c', hour(10_000))).outcome, 'unbounded');
  assert.ok(closed.slowest < 20, `${closed.slowest} ms`);
});

test('a Redis that does not answer, its connection open, holds up each request for a moment and then none', {
  timeout: 60_000,
}, async () => {
  const [one, other] = (await gateways(2)) as [TestGateway, TestGateway];
  await one.drain('c', hour(1000), { most: 10 });
  server.freeze();
  one.slowest = 0;
  const asked = await Promise.all(Array.from({ length: 200 }, (_, i) => one.ask(`frozen/${i}`, hour(100))));
  assert.ok(asked.every(({ units }) => units === 0));
  assert.ok(one.slowest < 120, `${one.slowest} ms`);
  await Promise.all([one.log.line('away'), other.log.line('away')]);
  one.slowest = 0;
  await one.drain('again', hour(100));
  assert.ok(one.slowest < 20, `${one.slowest} ms`);
  server.thaw();
  await Promise.all([one.log.line('back'), other.log.line('back')]);
  await turn(600);
  assert.equal(sum(await Promise.all([one, other].map((each) => each.drain('c', hour(1000))))), 990);
  assert.equal(outages(one.log), 1);
});

test('without Redis at the start nothing is granted and nothing waits; with it, all is', {
  timeout: 60_000,
}, async () => {
  await server.kill();
  const one = new TestGateway(at(server.port));
  open.push(one);
  await one.log.line('away');
  const { units, outcome } = await one.ask('c', hour(10));
  assert.deepEqual([units, outcome], [0, 'away']);
  assert.ok(one.slowest < 20);
  await server.start();
  await one.log.line('back');
  assert.equal(await one.drain('c', hour(10)), 10);
  assert.equal(outages(one.log), 1);
});

test('a gateway that was forgotten has no share, and finds its place again', { timeout: 60_000 }, async () => {
  const wire = await openWire(server.port);
  const far = new TestGateway(at(wire.port), { forgetAfter: 1500 });
  const near = new TestGateway(at(server.port), { forgetAfter: 1500 });
  open.push(far, near);
  await Promise.all([far.ready(), near.ready()]);
  await turn(1500);
  assert.ok((await far.ask('a', seconds(100))).units > 0);
  wire.cut();
  await turn(2700);
  assert.equal((await far.ask('b', seconds(100))).units, 0);
  // The whole limit is that of the one that stays.
  const whole = await near.drain('b', seconds(100), { most: 100 });
  assert.equal(whole, 100);
  wire.mend();
  await far.log.line('back');
  await turn(2500);
  assert.ok((await far.ask('c', seconds(100))).units > 0);
  wire.close();
});
