import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checklistItems, type DeployedApi, type JsonObject } from '@sluice/model';
import { apiBody, people, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane();
});
after(() => running.close());

const publishable = {
  policies: ['Gold', 'Bronze'],
  endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://a' } },
};

async function create(name: string, members: JsonObject = {}): Promise<string> {
  return (
    await running.publisher('POST', '/apis', { json: apiBody(name, { ...publishable, ...members }), expect: 201 })
  ).body.id;
}
function change(apiId: string, action: string, expect = 200, query: Record<string, string> = {}) {
  return running.publisher('POST', `/apis/change-lifecycle?${new URLSearchParams({ apiId, action, ...query })}`, {
    expect,
  });
}
async function state(apiId: string): Promise<string> {
  return (await running.publisher('GET', `/apis/${apiId}/lifecycle-state`, { expect: 200 })).body.state;
}
async function deploy(apiId: string): Promise<void> {
  const revision = (await running.publisher('POST', `/apis/${apiId}/revisions`, { json: {}, expect: 201 })).body.id;
  await running.publisher('POST', `/apis/${apiId}/deploy-revision?revisionId=${revision}`, {
    json: [{ name: 'Default' }],
    expect: 201,
  });
}
async function subscribe(apiId: string, plan = 'Gold'): Promise<void> {
  const options = { as: people.subscriber, expect: 201 };
  const application = await running.call('POST', '/api/am/devportal/v3/applications', {
    ...options,
    json: { name: `app ${apiId}`, throttlingPolicy: 'Unlimited' },
  });
  await running.call('POST', '/api/am/devportal/v3/subscriptions', {
    ...options,
    json: { apiId, applicationId: application.body.applicationId, throttlingPolicy: plan },
  });
}
async function statuses(id: string): Promise<(string | null)[]> {
  return (await running.events())
    .filter((event) => event.kind === 'api' && event.id === id)
    .map((event) => (event.value as DeployedApi | null)?.status ?? null);
}

test('every step of a life is possible only from where WSO2 has it, and history tells all', async () => {
  const id = await create('Lived');
  assert.equal(await state(id), 'Created');
  assert.match((await change(id, 'Retire', 400)).body.description, /Publish, Deploy as a Prototype/);
  await change(id, 'Nonsense', 400);
  await change(id, 'Deploy as a Prototype');
  await change(id, 'Publish');
  await change(id, 'Block');
  await change(id, 'Re-Publish');
  const deprecated = (await change(id, 'Deprecate')).body;
  assert.deepEqual(deprecated.lifecycleState, {
    state: 'Deprecated',
    checkItems: [],
    availableTransitions: [{ event: 'Retire', targetState: 'Retired' }],
  });
  assert.equal(deprecated.workflowStatus, 'APPROVED');
  await change(id, 'Retire');
  await change(id, 'Publish', 400);
  const { list } = (await running.publisher('GET', `/apis/${id}/lifecycle-history`, { expect: 200 })).body;
  assert.deepEqual(
    list.map(({ postState }: JsonObject) => postState),
    ['CREATED', 'PROTOTYPED', 'PUBLISHED', 'BLOCKED', 'PUBLISHED', 'DEPRECATED', 'RETIRED'],
  );
});

test('the checklist is shown before the first publication', async () => {
  const { body } = await running.publisher('GET', `/apis/${await create('Listed')}/lifecycle-state`);
  assert.deepEqual(
    body.checkItems.map(({ name }: JsonObject) => name),
    Object.values(checklistItems),
  );
  assert.deepEqual(
    body.availableTransitions.map(({ targetState }: JsonObject) => targetState),
    ['Published', 'Prototyped'],
  );
});

test('nothing is published without a backend (903223) or without a plan (903224)', async () => {
  const noBackend = await create('NoBackend', { endpointConfig: null });
  assert.equal((await change(noBackend, 'Publish', 400)).body.code, 903223);
  const noPlan = await create('NoPlan', { policies: [] });
  assert.equal((await change(noPlan, 'Publish', 400)).body.code, 903224);
  assert.equal(await state(noPlan), 'Created');
  await change(noPlan, 'Deploy as a Prototype');
});

test('creators may not publish, and unknown APIs and missing parameters are refused', async () => {
  const id = await create('Mine');
  await running.publisher('POST', `/apis/change-lifecycle?apiId=${id}&action=Publish`, {
    as: people.creator,
    expect: 401,
  });
  await running.publisher('POST', `/apis/change-lifecycle?apiId=${id}&action=Publish`, {
    as: people.publisher,
    expect: 200,
  });
  await change('none', 'Publish', 404);
  await running.publisher('POST', `/apis/change-lifecycle?apiId=${id}`, { expect: 400 });
  await running.publisher('DELETE', `/apis/${id}/lifecycle-state/pending-tasks`, { expect: 200 });
});

test('gateways hear of each state, and a retired API is taken off with its subscriptions and can then be deleted', async () => {
  const id = await create('Heard');
  await deploy(id);
  await change(id, 'Publish');
  await subscribe(id);
  await running.publisher('DELETE', `/apis/${id}`, { expect: 409 });
  await change(id, 'Block');
  await change(id, 'Re-Publish');
  await change(id, 'Deprecate');
  await change(id, 'Retire');
  assert.deepEqual(await statuses(id), ['CREATED', 'PUBLISHED', 'BLOCKED', 'PUBLISHED', 'DEPRECATED', null]);
  assert.deepEqual((await running.publisher('GET', `/apis/${id}/deployments`)).body.list, []);
  assert.equal((await running.publisher('GET', `/subscriptions?apiId=${id}`)).body.count, 0);
  const revision = (await running.publisher('GET', `/apis/${id}/revisions`)).body.list[0].id;
  const { body } = await running.publisher('POST', `/apis/${id}/deploy-revision?revisionId=${revision}`, {
    json: [{ name: 'Default' }],
    expect: 400,
  });
  assert.equal(body.code, 903227);
  await running.publisher('DELETE', `/apis/${id}`, { expect: 200 });
});

test('publishing a new version deprecates the old ones where asked, and brings their subscribers along unless asked not to', async () => {
  const old = await create('Versioned');
  await change(old, 'Publish');
  await subscribe(old);
  const copy = async (version: string): Promise<string> =>
    (await running.publisher('POST', `/apis/copy-api?apiId=${old}&newVersion=${version}`, { expect: 201 })).body.id;
  const subscribers = async (id: string) => (await running.publisher('GET', `/subscriptions?apiId=${id}`)).body.count;

  const second = await copy('2.0.0');
  await change(second, 'Publish', 200, {
    lifecycleChecklist: `${checklistItems.requireResubscription}:true,${checklistItems.deprecateOld}:false`,
  });
  assert.deepEqual([await subscribers(second), await state(old)], [0, 'Published']);

  const third = await copy('3.0.0');
  await running.events();
  await change(third, 'Publish', 200, { lifecycleChecklist: `${checklistItems.deprecateOld}:true` });
  assert.deepEqual([await subscribers(third), await state(old), await state(second)], [1, 'Deprecated', 'Deprecated']);
  assert.equal((await running.events()).filter(({ kind }) => kind === 'subscription').length, 1);
});

test('a change of the working copy and a change of state at once do not undo each other', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await create(`Both ${round}`, { context: `/both-${round}` });
    const json = apiBody(`Both ${round}`, { ...publishable, tags: ['changed'] });
    await Promise.all([running.publisher('PUT', `/apis/${id}`, { json, expect: 200 }), change(id, 'Publish')]);
    const { body } = await running.publisher('GET', `/apis/${id}`);
    assert.deepEqual([body.lifeCycleStatus, body.tags], ['PUBLISHED', ['changed']]);
  }
});

test('the default version moves as a whole: the old one loses the short path when the new one takes it', async () => {
  const first = await create('Default', { isDefaultVersion: true });
  await deploy(first);
  const second = (await running.publisher('POST', `/apis/copy-api?apiId=${first}&newVersion=2.0.0`, { expect: 201 }))
    .body;
  await deploy(second.id);
  await running.events();
  await running.publisher('PUT', `/apis/${second.id}`, { json: { ...second, isDefaultVersion: true }, expect: 200 });
  const paths = (await running.events()).map((event) => [event.id, (event.value as DeployedApi).defaultBasePath]);
  assert.deepEqual(paths, [
    [first, null],
    [second.id, '/default'],
  ]);
  await running.publisher('PUT', `/apis/${second.id}`, { json: { ...second, isDefaultVersion: false }, expect: 200 });
  assert.deepEqual(
    (await running.events()).map((event) => (event.value as DeployedApi).defaultBasePath),
    [null],
  );
});
