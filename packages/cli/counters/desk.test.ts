import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CounterDesk, CounterState, EndpointDesk, EndpointState } from '@sluice/model';
import { type Home, openHome } from '../home/home.ts';
import { desksOf } from './desk-caller.ts';
import { serveDesk } from './desk-service.ts';
import type { Desks } from './desk-socket.ts';
import { counterDetails, counterTable } from './table.ts';

const gold: CounterState = {
  ...{ id: 'a|1', level: 'subscription', key: 'mary', measure: 'calls', limit: 100, used: 81, left: 19 },
  ...{ window: { unit: 'min', count: 1 }, resetsAt: 1_700_000_040_000 },
  holders: [{ name: 'worker 4711', units: 81 }],
};

const resting: EndpointState = {
  ...{ id: 'a1/prod', api: 'orders/1.0.0', name: 'prod', url: 'http://b1/', side: 'production', state: 'off' },
  ...{ since: 1_700_000_040_000, cause: null, nextTryIn: null, answers: 1, faults: 0 },
};

const desk: CounterDesk = {
  list: async (query) => ({ total: 7, counters: query.search === 'mary' ? [gold] : [] }),
  find: async (id) => (id === gold.id ? gold : undefined),
  reset: async (id) => {
    if (id === 'bad') throw new Error('the shared counters cannot be reached');
    return id === gold.id;
  },
};

const endpoints: EndpointDesk = {
  list: async ({ search }) => ({ total: 1, endpoints: search === 'prod' ? [resting] : [] }),
  switch: async (id, on) => (id === resting.id && !on ? resting : undefined),
};

const desks: Desks = {
  counters: desk,
  stories: { find: async () => undefined, list: async () => ({ total: 0, calls: [] }) },
  endpoints,
};

/** A home, below a folder whose path is as long as asked. */
function temporaryHome(t: TestContext, length = 0): Home {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-desk-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return openHome(join(folder, 'h'.repeat(length) || 'home'), {});
}

test('a command gets what the running gateway knows, in homes with short and with long paths', async (t) => {
  for (const length of [0, 200]) {
    const home = temporaryHome(t, length);
    const service = await serveDesk(home, desks);
    t.after(() => service.close());
    const remote = desksOf(home).counters;
    assert.deepEqual(await remote.list({ search: 'mary', offset: 0, limit: 5 }), { total: 7, counters: [gold] });
    assert.deepEqual(await remote.find('a|1'), gold);
    assert.equal(await remote.find('other'), undefined);
    assert.equal(await remote.reset('a|1'), true);
    await assert.rejects(remote.reset('bad'), /shared counters cannot be reached/);
    const others = desksOf(home).endpoints;
    assert.deepEqual((await others.list({ search: 'prod', offset: 0, limit: 5 })).endpoints, [resting]);
    assert.deepEqual(await others.switch('a1/prod', false, 'mary'), resting);
    assert.equal(await others.switch('a1/prod', true, 'mary'), undefined);
  }
});

test('a home without a running gateway says so, also after one was killed and left its socket', async (t) => {
  const home = temporaryHome(t);
  const silence = { name: 'UsageError', message: /no gateway runs in the home .*--home/ };
  await assert.rejects(desksOf(home).counters.find('a'), silence);
  (await serveDesk(home, desks)).close();
  await assert.rejects(desksOf(home).counters.find('a'), silence);
  writeFileSync(join(home.data, 'gateway.sock'), '');
  await assert.rejects(desksOf(home).counters.find('a'), silence);
  const service = await serveDesk(home, desks);
  t.after(() => service.close());
  assert.deepEqual(await desksOf(home).counters.find('a|1'), gold, 'what was left is replaced');
});

test('only the user whose program it is may open the socket, whatever the rights of the folder', async (t) => {
  const home = temporaryHome(t);
  mkdirSync(home.data, { recursive: true });
  chmodSync(home.data, 0o777);
  const service = await serveDesk(home, desks);
  t.after(() => service.close());
  assert.equal(statSync(join(home.data, 'gateway.sock')).mode & 0o777, 0o600);
});

test('nonsense and endless questions end, and the next one is answered', async (t) => {
  const home = temporaryHome(t);
  const service = await serveDesk(home, desks);
  t.after(() => service.close());
  for (const words of ['{}\n', 'nonsense\n', '"\u0000"\n', 'x'.repeat(100_000)]) {
    const socket = connect(join(home.data, 'gateway.sock'));
    socket.on('error', () => {});
    socket.write(words);
    socket.resume();
    await once(socket, 'close');
  }
  assert.deepEqual(await desksOf(home).counters.find('a|1'), gold);
});

test('a table says what a counter is, and keys cannot speak to the terminal', () => {
  const wild = { ...gold, key: 'm\u001b[31m\n\u202ery', window: { unit: 'ms', count: 1000 } } as const;
  assert.equal(
    counterTable([gold, wild], 3),
    [
      'LEVEL         KEY         USED             LIMIT  WINDOW                       RESETS                    ID',
      'subscription  mary        81 calls (81 %)  100    1 min                        2023-11-14T22:14:00.000Z  a|1',
      'subscription  m\uFFFD[31m\uFFFD\uFFFDry  81 calls (81 %)  100    1000 ms from the first call  2023-11-14T22:14:00.000Z  a|1',
      '2 of 3; --limit shows more',
      '',
    ].join('\n'),
  );
  assert.match(counterDetails(gold), /^granted +81 to worker 4711$/m);
  assert.match(counterTable([], 0), /Nothing was counted/);
});
