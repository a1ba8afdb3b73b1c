import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CounterDesk, CounterQuery, CounterState } from '@sluice/model';
import { people, startControlPlane } from '../testing/control-plane.ts';

const path = '/api/sluice/v1/throttle/counters';

const gold: CounterState = {
  ...{ id: 'subscription/app 1 of mary:/shop/1.0.0', level: 'subscription', key: 'app 1 of mary:/shop/1.0.0' },
  ...{ measure: 'calls', limit: 100, used: 80, left: 20, window: { unit: 'min', count: 1 } },
  resetsAt: 1_700_000_040_000,
  holders: [{ name: 'worker 4711', units: 80 }],
};

/** A desk with one counter, which notes what it is asked. */
function deskOfOne() {
  const asked: CounterQuery[] = [];
  const reset: string[] = [];
  const desk: CounterDesk = {
    async list(query) {
      asked.push(query);
      return { total: 3, counters: [gold] };
    },
    find: async (id) => (id === gold.id ? gold : undefined),
    async reset(id) {
      reset.push(id);
      return id === gold.id;
    },
  };
  return { desk, asked, reset };
}

test('counters are listed, read and reset by the administrator, whatever their ids hold', async (t) => {
  const { desk, asked, reset } = deskOfOne();
  const control = await startControlPlane({ counters: desk });
  t.after(() => control.close());
  const { body } = await control.call('GET', `${path}?query=mary&level=subscription&limit=1&offset=1`, {
    ...{ as: people.admin, expect: 200 },
  });
  assert.deepEqual(asked, [{ offset: 1, limit: 1, search: 'mary', level: 'subscription' }]);
  const { resetsAt: _, ...rest } = gold;
  const seen = { ...rest, nextReset: '2023-11-14T22:14:00.000Z' };
  assert.deepEqual(body.list, [seen]);
  assert.equal(body.pagination.next, '/throttle/counters?limit=1&offset=2&query=mary&level=subscription');
  const one = `${path}/${encodeURIComponent(gold.id)}`;
  assert.deepEqual((await control.call('GET', one, { as: people.admin, expect: 200 })).body, seen);
  await control.call('DELETE', one, { as: people.admin, expect: 200 });
  assert.deepEqual(reset, [gold.id]);
  await control.call('GET', `${path}/none`, { as: people.admin, expect: 404 });
  await control.call('DELETE', `${path}/none`, { as: people.admin, expect: 404 });
});

test('nobody but the administrator sees counters, which name users', async (t) => {
  const { desk, asked, reset } = deskOfOne();
  const control = await startControlPlane({ counters: desk });
  t.after(() => control.close());
  for (const as of ['', people.creator, people.publisher, people.subscriber, people.observer, 'admin:wrong']) {
    await control.call('GET', path, { as, expect: 401 });
    await control.call('DELETE', `${path}/${encodeURIComponent(gold.id)}`, { as, expect: 401 });
  }
  assert.deepEqual([asked, reset], [[], []]);
});

test('a control plane alone says where to ask instead', async (t) => {
  const control = await startControlPlane();
  t.after(() => control.close());
  const { body } = await control.call('GET', path, { as: people.admin, expect: 404 });
  assert.match(body.description, /sluice throttle list/);
});
