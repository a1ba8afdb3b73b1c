import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointDesk, EndpointQuery, EndpointState } from '@sluice/model';
import { people, startControlPlane } from '../testing/control-plane.ts';

const path = '/api/sluice/v1/endpoints';

const resting: EndpointState = {
  ...{ id: 'a1/prod[1]', api: 'orders/1.0.0', name: 'prod[1]', url: 'https://b2/x', side: 'production' },
  ...{ state: 'suspended', since: 1_700_000_040_000, nextTryIn: 1200, answers: 7, faults: 2 },
  cause: { code: 101503, key: 'backend-connection-refused', words: 'Error connecting to the back end' },
};
const shared: EndpointState = {
  ...{ id: 's1/common', api: 'common', name: 'common', url: 'https://b3/', side: null },
  ...{ state: 'active', since: null, nextTryIn: null, answers: 0, faults: 0, cause: null },
};

/** A desk with one endpoint that can be switched, which notes what it is asked. */
function deskOfTwo() {
  const asked: (EndpointQuery | readonly [string, boolean, string])[] = [];
  const desk: EndpointDesk = {
    async list(query) {
      asked.push(query);
      return { total: 3, endpoints: [resting, shared] };
    },
    async switch(id, on, by) {
      asked.push([id, on, by]);
      return id === resting.id ? { ...resting, state: on ? 'active' : 'off', cause: null, nextTryIn: null } : undefined;
    },
  };
  return { desk, asked };
}

test('endpoints are listed and switched by the administrator, whatever their ids hold', async (t) => {
  const { desk, asked } = deskOfTwo();
  const control = await startControlPlane({ endpoints: desk });
  t.after(() => control.close());
  const { body } = await control.call('GET', `${path}?query=ord&state=suspended&limit=2`, {
    ...{ as: people.admin, expect: 200 },
  });
  assert.deepEqual(body.list, [
    { ...resting, since: '2023-11-14T22:14:00.000Z' },
    { id: 's1/common', api: 'common', name: 'common', url: 'https://b3/', state: 'active', answers: 0, faults: 0 },
  ]);
  assert.equal(body.pagination.next, '/endpoints?limit=2&offset=2&query=ord&state=suspended');
  const one = `${path}/${encodeURIComponent(resting.id)}`;
  const off = await control.call('POST', `${one}/suspend`, { as: people.admin, expect: 200 });
  assert.equal(off.body.state, 'off');
  const on = await control.call('POST', `${one}/resume`, { as: people.admin, expect: 200 });
  assert.equal(on.body.state, 'active');
  assert.deepEqual(asked, [
    { offset: 0, limit: 2, search: 'ord', state: 'suspended' },
    ['a1/prod[1]', false, 'admin'],
    ['a1/prod[1]', true, 'admin'],
  ]);
  for (const verb of ['suspend', 'resume']) {
    await control.call('POST', `${path}/none/${verb}`, { as: people.admin, expect: 404 });
  }
  await control.call('GET', `${path}?state=asleep`, { as: people.admin, expect: 400 });
});

test('nobody but the administrator sees or switches endpoints, which are of every organization', async (t) => {
  const { desk, asked } = deskOfTwo();
  const control = await startControlPlane({ endpoints: desk });
  t.after(() => control.close());
  for (const as of ['', people.creator, people.publisher, people.subscriber, people.observer, 'admin:wrong']) {
    await control.call('GET', path, { as, expect: 401 });
    for (const verb of ['suspend', 'resume']) await control.call('POST', `${path}/x/${verb}`, { as, expect: 401 });
  }
  assert.deepEqual(asked, []);
});

test('a control plane alone says where to ask instead', async (t) => {
  const control = await startControlPlane();
  t.after(() => control.close());
  const { body } = await control.call('GET', path, { as: people.admin, expect: 404 });
  assert.match(body.description, /sluice endpoints/);
});
