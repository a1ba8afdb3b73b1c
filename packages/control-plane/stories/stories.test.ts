import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallStory, StoryDesk, StoryQuery } from '@sluice/model';
import { people, startControlPlane } from '../testing/control-plane.ts';

const path = '/api/sluice/v1/calls';

/** With everything that a story may have: the answers are held against their description. */
const story: CallStory = {
  ...{ id: '5f0c', kept: 'failed', startedAt: 1_700_000_040_000, process: 4711, client: '127.0.0.1' },
  ...{ method: 'GET', path: '/orders/1.0.0/x', correlation: 'me-1', api: 'orders/1.0.0', operation: 'GET /*' },
  ...{ application: 'app', keyType: 'PRODUCTION', status: 504, end: 'complete', duration: 152.3 },
  error: {
    ...{ cause: 'endpoint-timeout', code: 101504, description: 'Send timeout', remedy: 'Raise the duration.' },
    ...{ setting: 'config.actionDuration', value: 150, origin: 'API orders/1.0.0 prod' },
  },
  attempts: [
    {
      ...{ endpoint: 'prod', backend: 'b1:80', began: 1.2, took: 150.1, connection: 'new', connected: 0.4 },
      ...{ status: 200, firstByte: 3, phase: 3, phaseName: 'while the answer was waited for' },
      fault: {
        ...{ cause: 'endpoint-timeout', code: 101504, baseCode: 101504, message: 'no answer in time' },
        fired: {
          name: 'endpoint',
          value: 150,
          at: 150.1,
          setting: 'config.actionDuration',
          origin: 'API orders/1.0.0 prod',
        },
        ...{ replayable: true, wentOn: false, stayed: 'alone' },
      },
      pending: [
        { name: 'first-byte', value: 180_000, at: 180_000.4, setting: 'http.socket.timeout', origin: 'default' },
      ],
    },
  ],
  leftOut: 0,
  endpoints: [
    { name: 'prod', url: 'http://b1/', state: 'suspended', cause: 101504, reason: 'endpoint-timeout', retryIn: 29_000 },
    { name: 'sand', url: 'http://b2/', state: 'off', cause: 0, reason: '', retryIn: null },
  ],
};

function deskOfOne() {
  const asked: StoryQuery[] = [];
  const desk: StoryDesk = {
    find: async (id) => (id === story.id ? story : undefined),
    async list(query) {
      asked.push(query);
      return { total: 3, calls: [story] };
    },
  };
  return { desk, asked };
}

test('the administrator reads a call by its id and finds it by what is known of it', async (t) => {
  const { desk, asked } = deskOfOne();
  const control = await startControlPlane({ stories: desk });
  t.after(() => control.close());
  const seen = { ...story, startedAt: '2023-11-14T22:14:00.000Z' };
  assert.deepEqual((await control.call('GET', `${path}/5f0c`, { as: people.admin, expect: 200 })).body, seen);
  const { body } = await control.call('GET', `${path}?query=orders&kept=failed&limit=1&offset=1`, {
    ...{ as: people.admin, expect: 200 },
  });
  assert.deepEqual(asked, [{ offset: 1, limit: 1, search: 'orders', kept: 'failed' }]);
  assert.deepEqual(body.list, [seen]);
  assert.equal(body.pagination.next, '/calls?limit=1&offset=2&query=orders&kept=failed');
  await control.call('GET', `${path}/none`, { as: people.admin, expect: 404 });
  await control.call('GET', `${path}?limit=100000`, { as: people.admin, expect: 400 });
});

test('nobody but the administrator reads what others called', async (t) => {
  const { desk, asked } = deskOfOne();
  const control = await startControlPlane({ stories: desk });
  t.after(() => control.close());
  for (const as of ['', people.creator, people.publisher, people.subscriber, people.observer, 'admin:wrong']) {
    await control.call('GET', path, { as, expect: 401 });
    await control.call('GET', `${path}/5f0c`, { as, expect: 401 });
  }
  assert.deepEqual(asked, []);
});

test('a control plane alone says where to ask instead', async (t) => {
  const control = await startControlPlane();
  t.after(() => control.close());
  const { body } = await control.call('GET', `${path}/5f0c`, { as: people.admin, expect: 404 });
  assert.match(body.description, /sluice explain/);
});
