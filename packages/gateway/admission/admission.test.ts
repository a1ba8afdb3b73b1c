import assert from 'node:assert/strict';
import { request, type ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { entry, operation } from '../testing/entities.ts';
import { commonPicture, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { type Answer, startBackend } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import type { AdmissionOptions } from './options.ts';

const bounds: AdmissionOptions = {
  maxInFlight: 1,
  queueTimeout: 60_000,
  queues: [{ priority: 1, size: 2 }],
  conditions: [],
  defaultPriority: 1,
};

/** A gateway with an open API before a backend that holds every answer until it is told to give it. */
async function heldStage(t: TestContext, admission: AdmissionOptions | undefined) {
  const held = new Map<string, ServerResponse>();
  const backend = await startBackend(
    'held',
    ({ url }, response) => void held.set(url.split('/').at(-1) ?? '', response),
  );
  t.after(() => backend.close());
  const gateway = await stage(t, {
    entries: () => [
      ...commonPicture(backend),
      entry.api(ordersApi(backend, { operations: [operation('GET', '/*', { authType: 'None' })] })),
    ],
    ...(admission ? { admission } : {}),
  });
  const arrived = (name: string) => until(() => held.has(name), `${name} at the backend`);
  return {
    ...gateway,
    held,
    arrived,
    get: (name: string, headers: Record<string, string> = {}): Promise<Answer> =>
      gateway.call(`/orders/1.0.0/${name}`, { headers }),
    /** Lets the backend answer a call that has arrived there. */
    async answer(name: string): Promise<void> {
      await arrived(name);
      held.get(name)?.end(name);
    },
    queued: (count: number) => until(() => queuedAt(gateway) === count, `${count} calls that wait`),
  };
}

const queuedAt = ({ gateway }: Stage) =>
  gateway.statistics().priorities?.reduce((sum, { queued }) => sum + queued, 0) ?? 0;

test('without a bound every call goes through and nothing is counted by priority', async (t) => {
  const { get, answer, arrived, gateway } = await heldStage(t, undefined);
  const calls = ['a', 'b', 'c'].map((name) => get(name));
  for (const name of ['a', 'b', 'c']) await arrived(name);
  assert.equal(gateway.statistics().priorities, undefined);
  for (const name of ['c', 'a', 'b']) await answer(name);
  assert.deepEqual(
    (await Promise.all(calls)).map(({ body }) => body),
    ['a', 'b', 'c'],
  );
});

test('above the bound calls wait, above the queue they are told to come back, and the health check never waits', async (t) => {
  const { get, answer, arrived, queued, held, gateway, call } = await heldStage(t, bounds);
  const first = get('a');
  await arrived('a');
  const second = get('b');
  await queued(1);
  const third = get('c');
  await queued(2);
  const turnedAway = await get('d');
  assert.equal(turnedAway.status, 503);
  assert.equal(turnedAway.headers['sluice-cause'], 'admission-queue-full');
  assert.equal(turnedAway.headers['retry-after'], '60');
  assert.match(turnedAway.body, /2 calls of priority 1 wait already/);
  assert.equal((await call('/api/am/gateway/v2/server-startup-healthcheck')).status, 200);
  assert.deepEqual([...held.keys()], ['a']);
  for (const [name, answered] of [
    ['a', first],
    ['b', second],
    ['c', third],
  ] as const) {
    await answer(name);
    assert.equal((await answered).body, name);
  }
  assert.deepEqual(gateway.statistics().priorities, [{ priority: 1, inFlight: 0, queued: 0, full: 1, late: 0 }]);
});

test('calls leave the queue by priority, then by age', async (t) => {
  const { get, answer, arrived, queued } = await heldStage(t, {
    ...bounds,
    queues: [
      { priority: 1, size: 10 },
      { priority: 5, size: 10 },
    ],
    conditions: [{ priority: 5, test: { kind: 'equal', source: { from: 'header', name: 'x-tier' }, value: 'gold' } }],
  });
  const gold = { 'x-tier': 'Gold' };
  const calls = [get('first')];
  await arrived('first');
  for (const [name, headers] of [
    ['plain-1', {}],
    ['gold-1', gold],
    ['plain-2', {}],
    ['gold-2', gold],
  ] as const) {
    calls.push(get(name, headers));
    await queued(calls.length - 1);
  }
  // One at a time is at the backend: who comes next shows as soon as its predecessor is answered.
  for (const name of ['first', 'gold-1', 'gold-2', 'plain-1', 'plain-2']) await answer(name);
  assert.ok((await Promise.all(calls)).every(({ status }) => status === 200));
});

test('a client that goes away leaves the queue', async (t) => {
  const { get, answer, arrived, queued, port, held } = await heldStage(t, bounds);
  const first = get('a');
  await arrived('a');
  const impatient = request({ host: '127.0.0.1', port, path: '/orders/1.0.0/gone' });
  impatient.on('error', () => {});
  impatient.end();
  await queued(1);
  impatient.destroy();
  await queued(0);
  await answer('a');
  assert.equal((await first).status, 200);
  assert.equal(held.has('gone'), false);
});

test('a call that waited too long is answered for its own cause, in time, and takes no place', async (t) => {
  const { get, answer, arrived, gateway } = await heldStage(t, { ...bounds, queueTimeout: 50 });
  const first = get('a');
  await arrived('a');
  const late = await get('b');
  assert.equal(late.status, 503);
  assert.equal(late.headers['sluice-cause'], 'admission-timeout');
  assert.equal(late.headers['retry-after'], '1');
  await answer('a');
  assert.equal((await first).status, 200);
  const next = get('c');
  await answer('c');
  assert.equal((await next).status, 200);
  assert.deepEqual(gateway.statistics().priorities, [{ priority: 1, inFlight: 0, queued: 0, full: 0, late: 1 }]);
});

test('many calls that end as soon as they are let in do not pile up on the stack', async (t) => {
  const size = 1500;
  const { get, answer, arrived, queued, port } = await heldStage(t, { ...bounds, queues: [{ priority: 1, size }] });
  const first = get('a');
  await arrived('a');
  const answers: Promise<number | undefined>[] = [];
  for (let i = 0; i < size; i++) {
    answers.push(
      new Promise((resolve, reject) => {
        const outgoing = request({ host: '127.0.0.1', port, path: '/nowhere', agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        outgoing.on('error', reject).end();
      }),
    );
  }
  await queued(size);
  await answer('a');
  assert.equal((await first).status, 200);
  assert.ok((await Promise.all(answers)).every((status) => status === 404));
});
