import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CounterDesk, CounterQuery, CounterState } from '@sluice/model';
import { developer, otherDeveloper, startPortals } from '../../testing/portals.ts';

/** A desk with these counters, which notes what is reset. */
function deskOf(counters: readonly Pick<CounterState, 'level' | 'key'>[]) {
  const reset: string[] = [];
  const states = counters.map(
    ({ level, key }): CounterState => ({
      ...{ id: `${level}/${key}`, level, key, measure: 'calls', limit: 10, window: { unit: 'min', count: 1 } },
      ...{ used: 5, left: 5, resetsAt: 1, holders: [] },
    }),
  );
  const desk: CounterDesk = {
    list: async ({ search = '', level }: CounterQuery) => {
      const found = states.filter((one) => one.level === level && one.key.toLowerCase().includes(search.toLowerCase()));
      return { total: found.length, counters: found };
    },
    find: async (id) => states.find((one) => one.id === id),
    reset: async (id) => reset.push(id) > 0,
  };
  return { desk, reset, states };
}

test("the counters of others are reset with a user's, or anybody resets them", async (t) => {
  const counters: { level: string; key: string }[] = [];
  const { desk, reset, states } = deskOf([]);
  const portals = await startPortals({ counters: desk });
  t.after(() => portals.close());
  const { body } = await portals.devportal('POST', '/applications', {
    ...{ as: developer, body: { name: 'Mine', throttlingPolicy: 'Unlimited' } },
  });
  const id: string = body.applicationId;
  for (const level of ['application', 'application-burst', 'subscription']) {
    for (const user of ['mary@carbon.super', 'rosemary@carbon.super', 'mary@carbon.super.example']) {
      counters.push({ level, key: `${id}:${user}` }, { level, key: `x${id}:${user}` });
    }
  }
  states.push(...deskOf(counters).states);
  const path = `/applications/${id}/reset-throttle-policy`;
  const ask = (as: string, sent: object, place = path) => portals.devportal('POST', place, { as, body: sent });
  assert.equal((await ask(otherDeveloper, { userName: 'mary' })).status, 404);
  assert.equal((await ask('', { userName: 'mary' })).status, 401);
  assert.equal((await ask(developer, { userName: 'mary' }, '/applications/none/reset-throttle-policy')).status, 404);
  for (const wrong of [{}, { userName: ' ' }, { userName: 'x'.repeat(300) }]) {
    assert.equal((await ask(developer, wrong)).status, 400, JSON.stringify(wrong));
  }
  assert.deepEqual(reset, []);
  const done = [`application/${id}:mary@carbon.super`, `application-burst/${id}:mary@carbon.super`];
  for (const userName of ['mary', 'Mary@carbon.super']) {
    assert.equal((await ask(developer, { userName })).status, 200);
    assert.deepEqual(reset.splice(0), done, userName);
  }
  assert.equal((await ask(developer, { userName: 'nobody' })).status, 200);
  assert.deepEqual(reset, []);
});

test('a control plane alone claims to have reset what gateways count', async (t) => {
  const portals = await startPortals();
  t.after(() => portals.close());
  const { body } = await portals.devportal('POST', '/applications', {
    ...{ as: developer, body: { name: 'Mine', throttlingPolicy: 'Unlimited' } },
  });
  const answer = await portals.devportal('POST', `/applications/${body.applicationId}/reset-throttle-policy`, {
    ...{ as: developer, body: { userName: 'mary' } },
  });
  assert.equal(answer.status, 404);
  assert.match(answer.body.description, /sluice throttle reset/);
});
