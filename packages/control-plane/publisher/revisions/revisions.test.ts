import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DeployedApi, type FeedEvent, type JsonObject, superOrganization } from '@sluice/model';
import {
  apiBody,
  type Call,
  people,
  type RunningControlPlane,
  startControlPlane,
} from '../../testing/control-plane.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane();
  const port = { httpPort: 80, httpsPort: 443, wsPort: 9099, wssPort: 8099, httpContext: '' };
  await running.organization.environments.create({
    id: 'second',
    organization: superOrganization,
    name: 'Second',
    displayName: 'Second',
    description: '',
    type: 'hybrid',
    vhosts: [
      { host: 'a.example', ...port },
      { host: 'b.example', ...port },
    ],
  });
});
after(() => running.close());

async function create(name: string, members: JsonObject = {}): Promise<string> {
  return (await running.publisher('POST', '/apis', { json: apiBody(name, members), expect: 201 })).body.id;
}
async function revise(id: string, description = ''): Promise<string> {
  return (await running.publisher('POST', `/apis/${id}/revisions`, { json: { description }, expect: 201 })).body.id;
}
function deploy(
  id: string,
  revision: string,
  places: unknown = [{ name: 'Default', vhost: 'localhost' }],
  expect = 201,
) {
  return running.publisher('POST', `/apis/${id}/deploy-revision?revisionId=${revision}`, { json: places, expect });
}
function served(event: FeedEvent | undefined): DeployedApi {
  assert.ok(event?.kind === 'api' && event.value);
  return event.value;
}
function undeploy(id: string, query: string, places: unknown, expect = 201) {
  return running.publisher('POST', `/apis/${id}/undeploy-revision?${query}`, { json: places, expect });
}

test('revisions are numbered on and on, five at most, made also without a body', async () => {
  const id = await create('Counted');
  const { body } = await running.publisher('POST', `/apis/${id}/revisions`, { expect: 201 });
  assert.deepEqual(
    [body.displayName, body.description, body.apiInfo, body.deploymentInfo],
    ['Revision 1', '', { id }, []],
  );
  for (let count = 2; count <= 5; count++) await revise(id, `number ${count}`);
  assert.equal((await running.publisher('POST', `/apis/${id}/revisions`, { json: {}, expect: 400 })).body.code, 900351);
  const left = await running.publisher('DELETE', `/apis/${id}/revisions/${body.id}`, { expect: 200 });
  assert.deepEqual(
    left.body.list.map(({ displayName }: JsonObject) => displayName),
    ['Revision 2', 'Revision 3', 'Revision 4', 'Revision 5'],
  );
  assert.equal(
    (await running.publisher('GET', `/apis/${id}/revisions/${await revise(id)}`)).body.displayName,
    'Revision 6',
  );
  await running.publisher('POST', `/apis/${id}/revisions`, { json: { description: 'x'.repeat(256) }, expect: 400 });
});

test('of many revisions made at once no more are kept than may be', async () => {
  const id = await create('Crowded');
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => running.publisher('POST', `/apis/${id}/revisions`, { json: {} })),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 5);
});

test('a change of the working copy touches no deployed revision until one is deployed', async () => {
  const id = await create('Frozen', { operations: [{ target: '/old', verb: 'GET' }] });
  const first = await revise(id);
  await deploy(id, first);
  await running.events();
  await running.publisher('PUT', `/apis/${id}`, {
    json: apiBody('Frozen', { operations: [{ target: '/new', verb: 'GET' }] }),
    expect: 200,
  });
  assert.deepEqual(await running.events(), []);
  await deploy(id, await revise(id));
  const [event] = await running.events();
  assert.deepEqual(
    served(event).operations.map(({ target }) => target),
    ['/new'],
  );
  await deploy(id, first);
  const [back] = await running.events();
  assert.deepEqual(
    served(back).operations.map(({ target }) => target),
    ['/old'],
  );
});

test('an environment serves one revision: another replaces it, and only undeployed ones can be deleted', async () => {
  const id = await create('Replaced');
  const [first, second] = [await revise(id), await revise(id)];
  await deploy(id, first);
  const { body } = await deploy(id, second);
  assert.deepEqual(
    body.map(({ name, revisionUuid, vhost, status }: JsonObject) => [name, revisionUuid, vhost, status]),
    [['Default', second, 'localhost', 'APPROVED']],
  );
  const ids = async (query: string) =>
    (await running.publisher('GET', `/apis/${id}/revisions?query=${query}`, { expect: 200 })).body.list.map(
      (revision: JsonObject) => revision.id,
    );
  assert.deepEqual(
    [await ids('deployed:true'), await ids('deployed:false'), (await ids('')).length],
    [[second], [first], 2],
  );
  assert.equal(
    (await running.publisher('DELETE', `/apis/${id}/revisions/${second}`, { expect: 400 })).body.code,
    900348,
  );
  await running.publisher('DELETE', `/apis/${id}/revisions/${first}`, { expect: 200 });
});

test('unknown environments, hosts and revisions, and bodies without a place, are refused and change nothing', async () => {
  const id = await create('Refused');
  const revision = await revise(id);
  await running.events();
  assert.match(
    (await deploy(id, revision, [{ name: 'Default' }, { name: 'Nowhere' }], 400)).body.description,
    /Nowhere/,
  );
  assert.match(
    (await deploy(id, revision, [{ name: 'Default', vhost: 'other.example' }], 400)).body.description,
    /other\.example/,
  );
  await deploy(id, revision, [{ name: 'Default', vhost: '../x' }], 400);
  await deploy(id, revision, [], 400);
  await deploy(id, revision, { name: 'Default' }, 400);
  assert.deepEqual(await running.events(), []);
  assert.equal((await deploy(id, 'none', undefined, 404)).body.code, 900347);
  await running.publisher('POST', `/apis/${id}/deploy-revision`, { json: [{ name: 'Default' }], expect: 400 });
  for (const action of ['deploy-revision', 'restore-revision', 'undeploy-revision']) {
    const { body } = await running.publisher('POST', `/apis/none/${action}?revisionId=${revision}`, {
      json: [{ name: 'Default' }],
      expect: 404,
    });
    assert.equal(body.code, 900308);
  }
  await running.publisher('POST', '/apis/none/revisions', { json: {}, expect: 404 });
  await running.publisher('GET', `/apis/${id}/revisions/none`, { expect: 404 });
  await running.publisher('DELETE', `/apis/${id}/revisions/none`, { expect: 404 });
  const other = await create('Other');
  await running.publisher('GET', `/apis/${other}/revisions/${revision}`, { expect: 404 });
});

test('a revision is undeployed by id or number, from named environments or all, and gateways hear of each', async () => {
  const id = await create('Undeployed');
  const revision = await revise(id);
  await deploy(id, revision, [{ name: 'Default' }, { name: 'Second', vhost: 'B.example' }]);
  const places = (await running.publisher('GET', `/apis/${id}/deployments`, { expect: 200 })).body.list;
  assert.deepEqual(
    places.map(({ name, vhost }: JsonObject) => [name, vhost]),
    [
      ['Default', 'localhost'],
      ['Second', 'b.example'],
    ],
  );
  await running.events();
  const left = await undeploy(id, `revisionId=${revision}`, [{ name: 'Default' }]);
  assert.deepEqual(
    left.body.map(({ name }: JsonObject) => name),
    ['Second'],
  );
  assert.deepEqual(
    (await running.events()).map(({ environment, value }) => [environment, value]),
    [['Default', null]],
  );
  assert.equal((await undeploy(id, `revisionId=${revision}`, [{ name: 'Default' }], 404)).body.code, 900356);
  await undeploy(id, `revisionId=${revision}`, [{ name: 'Nowhere' }], 400);
  await undeploy(id, 'revisionNumber=7&allEnvironments=true', [], 404);
  await undeploy(id, '', [{ name: 'Second' }], 400);
  assert.deepEqual((await undeploy(id, 'revisionNumber=1&allEnvironments=true', [])).body, []);
});

test('the host counts only where an environment has several', async () => {
  const id = await create('Hosted');
  const revision = await revise(id);
  await running.events();
  await deploy(id, revision, [{ name: 'Default' }, { name: 'Second', vhost: 'b.example' }]);
  const events = await running.store.system.feed.after(0, 'Second', 1000);
  assert.equal(served(events.filter((event) => event.id === id).at(-1)).vhost, 'b.example');
  assert.equal(served((await running.events())[0]).vhost, null);
});

test('a restored revision is the working copy again, with its definition, in the state that the API has now', async () => {
  const members = {
    policies: ['Gold'],
    endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://a' } },
  };
  const id = await create('Restored', { ...members, operations: [{ target: '/old', verb: 'GET' }], tags: ['old'] });
  const revision = await revise(id);
  await running.publisher('POST', `/apis/change-lifecycle?apiId=${id}&action=Publish`, { expect: 200 });
  await running.publisher('PUT', `/apis/${id}`, {
    json: apiBody('Restored', { ...members, operations: [{ target: '/new', verb: 'GET' }], tags: ['new'] }),
    expect: 200,
  });
  const { body } = await running.publisher('POST', `/apis/${id}/restore-revision?revisionId=${revision}`, {
    expect: 201,
  });
  assert.deepEqual(
    [body.id, body.tags, body.lifeCycleStatus, body.operations[0].target],
    [id, ['old'], 'PUBLISHED', '/old'],
  );
  assert.deepEqual(Object.keys((await running.publisher('GET', `/apis/${id}/swagger`)).body.paths), ['/old']);
  await running.publisher('POST', `/apis/${id}/restore-revision`, { expect: 400 });
  await running.publisher('POST', `/apis/${id}/restore-revision?revisionId=none`, { expect: 404 });
});

test('a deployment is hidden from the developer portal and shown again', async () => {
  const id = await create('Shown');
  await deploy(id, await revise(id));
  const place = Buffer.from('Default').toString('base64url');
  const { body } = await running.publisher('PUT', `/apis/${id}/deployments/${place}`, {
    json: { displayOnDevportal: false },
    expect: 200,
  });
  assert.equal(body.displayOnDevportal, false);
  assert.equal((await running.publisher('GET', `/apis/${id}/deployments`)).body.list[0].displayOnDevportal, false);
  await running.publisher('PUT', `/apis/${id}/deployments/${Buffer.from('Second').toString('base64url')}`, {
    json: {},
    expect: 404,
  });
  await running.publisher('PUT', `/apis/${id}/deployments/nonsense`, { json: {}, expect: 400 });
});

test('deleting a deployed API takes it off the gateways', async () => {
  const id = await create('Dropped');
  await deploy(id, await revise(id));
  await running.events();
  await running.publisher('DELETE', `/apis/${id}`, { expect: 200 });
  assert.deepEqual(
    (await running.events()).map(({ kind, id: of, value }) => [kind, of, value]),
    [['api', id, null]],
  );
});

test('a revision that names a plan which was removed since is not deployed without its limit', async () => {
  const admin = (method: string, path: string, call: Call) =>
    running.call(method, `/api/am/admin/v4/throttling/policies/advanced${path}`, { as: people.admin, ...call });
  const defaultLimit = { type: 'REQUESTCOUNTLIMIT', requestCount: { timeUnit: 'min', unitTime: 1, requestCount: 5 } };
  const { body: plan } = await admin('POST', '', { json: { policyName: 'Passing', defaultLimit }, expect: 201 });
  const id = await create('Limited', { apiThrottlingPolicy: 'Passing', maxTps: { production: 5 } });
  const revision = await revise(id);
  await running.events();
  await deploy(id, revision);
  const [deployed] = await running.events();
  const { apiThrottlingPolicy, maxTps } = served(deployed);
  assert.deepEqual([apiThrottlingPolicy, maxTps], ['Passing', { production: { count: 5, timeUnit: 'sec' } }]);
  await running.publisher('PUT', `/apis/${id}`, { json: apiBody('Limited'), expect: 200 });
  const { body } = await admin('DELETE', `/${plan.policyId}`, { expect: 403 });
  assert.match(body.description, /used by the API Limited 1\.0\.0 \(deployed revision 1\)/);
  await undeploy(id, `revisionId=${revision}`, [{ name: 'Default' }]);
  await admin('DELETE', `/${plan.policyId}`, { expect: 200 });
  assert.equal((await deploy(id, revision, undefined, 400)).body.code, 900305);
});
