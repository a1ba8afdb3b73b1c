import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DeployedApi } from '@sluice/model';
import { apiBody, people, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane();
});
after(() => running.close());

const book = {
  target: 'book',
  verb: 'QUERY',
  authType: 'Application & Application User',
  throttlingPolicy: 'Unlimited',
};
const list = [
  { type: 'Query', field: 'book', complexityValue: 3 },
  { type: 'Book', field: 'name', complexityValue: 0 },
];

async function deploy(id: string): Promise<DeployedApi['graphql']> {
  const { body } = await running.publisher('POST', `/apis/${id}/revisions`, { json: {}, expect: 201 });
  await running.events();
  const places = [{ name: 'Default', vhost: 'localhost' }];
  await running.publisher('POST', `/apis/${id}/deploy-revision?revisionId=${body.id}`, { json: places, expect: 201 });
  const [event] = await running.events();
  assert.ok(event?.kind === 'api' && event.value);
  return event.value.graphql;
}

test('costs of fields are lost on their way to the gateway, or by a change of the API', async () => {
  const body = apiBody('Books', { type: 'GRAPHQL', operations: [book] });
  const { id } = (await running.publisher('POST', '/apis', { json: body, expect: 201 })).body;
  const path = `/apis/${id}/graphql-policies/complexity`;
  assert.deepEqual((await running.publisher('GET', path, { expect: 200 })).body, { list: [] });
  assert.deepEqual(await deploy(id), { complexity: {} });
  await running.publisher('PUT', path, { json: { list }, expect: 200 });
  const api = (await running.publisher('GET', `/apis/${id}`, { expect: 200 })).body;
  assert.equal(JSON.stringify(api).includes('complexityValue'), false);
  await running.publisher('PUT', `/apis/${id}`, { json: { ...api, description: 'Other words' }, expect: 200 });
  assert.deepEqual((await running.publisher('GET', path, { expect: 200 })).body, { list });
  assert.deepEqual(await deploy(id), { complexity: { Query: { book: 3 }, Book: { name: 0 } } });
});

test('costs that are none are taken, or those of an API without queries, or from anybody', async () => {
  const body = apiBody('Shelves', { type: 'GRAPHQL', operations: [book] });
  const { id } = (await running.publisher('POST', '/apis', { json: body, expect: 201 })).body;
  const path = `/apis/${id}/graphql-policies/complexity`;
  for (const complexityValue of [-1, 1.5, 'three', 1e10]) {
    const json = { list: [{ type: 'Query', field: 'book', complexityValue }] };
    await running.publisher('PUT', path, { json, expect: 400 });
  }
  await running.publisher('PUT', path, { json: { list: [{ type: 'Query', complexityValue: 1 }] }, expect: 400 });
  for (const as of [people.subscriber, people.publisher]) {
    await running.publisher('PUT', path, { json: { list }, as, expect: 401 });
  }
  const other = (await running.publisher('POST', '/apis', { json: apiBody('Plain'), expect: 201 })).body.id;
  for (const [method, call] of [
    ['PUT', { json: { list } }],
    ['GET', {}],
  ] as const) {
    const refused = await running.publisher(method, `/apis/${other}/graphql-policies/complexity`, call);
    assert.deepEqual([refused.status, refused.body.code], [400, 900870]);
  }
  await running.publisher('POST', '/apis', { json: apiBody('Mixed', { operations: [book] }), expect: 400 });
});
