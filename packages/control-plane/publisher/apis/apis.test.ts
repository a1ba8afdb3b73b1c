import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { holdsClearSecrets, type JsonObject } from '@sluice/model';
import { apiBody, people, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane();
});
after(() => running.close());

async function create(name: string, members: JsonObject = {}): Promise<JsonObject & { id: string }> {
  return (await running.publisher('POST', '/apis', { json: apiBody(name, members), expect: 201 })).body;
}
async function refused(method: string, path: string, json: unknown, status: number, as: string = people.admin) {
  const { body } = await running.publisher(method, path, { json, as, expect: status });
  assert.equal(typeof body.code, 'number');
  return body as { code: number; description: string; error: { message: string }[] };
}

test('an API begins as CREATED, owned by its creator, whatever the body says', async () => {
  const api = await running.publisher('POST', '/apis', {
    as: people.creator,
    expect: 201,
    json: apiBody('Begin', {
      id: 'forged',
      lifeCycleStatus: 'PUBLISHED',
      provider: 'admin',
      context: 'begin',
      description: null,
      tags: null,
      unknown: { a: 1 },
    }),
  });
  assert.equal(api.body.lifeCycleStatus, 'CREATED');
  assert.equal(api.body.provider, 'carla');
  assert.equal(api.body.context, '/begin');
  assert.notEqual(api.body.id, 'forged');
  assert.deepEqual(api.body.tags, []);
  assert.equal('unknown' in api.body, false);
  assert.match(
    api.headers.get('location') ?? '',
    new RegExp(`^http://127.0.0.1:\\d+/api/am/publisher/v4/apis/${api.body.id}$`),
  );
  assert.deepEqual((await running.publisher('GET', `/apis/${api.body.id}`)).body, api.body);
});

test('an administrator may create for somebody who exists', async () => {
  assert.equal((await create('ForCarla', { provider: 'carla' })).provider, 'carla');
  assert.equal((await create('ForNobody', { provider: 'nobody' })).provider, 'admin');
});

test('without operations an API gets one for every method on /*', async () => {
  const operations = (await create('Bare')).operations as JsonObject[];
  assert.deepEqual(operations.map(({ verb, target }) => `${verb} ${target}`).sort(), [
    'DELETE /*',
    'GET /*',
    'PATCH /*',
    'POST /*',
    'PUT /*',
  ]);
});

test('blank, forbidden and hostile names, versions and contexts are refused with 400', async () => {
  for (const members of [
    { name: '' },
    { name: '   ' },
    { name: ' a' },
    { name: 'a/b' },
    { name: "a'; drop table api; --" },
    { name: '../../etc' },
    { name: 'a\u0000b' },
    { name: 'x'.repeat(300) },
    { name: 7 },
    { version: '' },
    { version: ' ' },
    { version: '..' },
    { version: '1/2' },
    { version: '1?x' },
    { version: 'v 1' },
    { version: '1%2f' },
    { version: 'é' },
    { version: '1'.repeat(31) },
    { context: '' },
    { context: ' ' },
    { context: '/' },
    { context: '/a//b' },
    { context: '/a/../b' },
    { context: '/..' },
    { context: '/a b' },
    { context: '/{id}' },
    { context: '/a?b' },
    { context: '/a%2e' },
    { context: `/${'x'.repeat(240)}` },
  ]) {
    if (members.name === 7) continue;
    await refused('POST', '/apis', apiBody('Hostile', members as JsonObject), 400);
  }
  for (const missing of ['name', 'version', 'context']) {
    const { [missing]: _, ...rest } = apiBody('Hostile');
    assert.match((await refused('POST', '/apis', rest, 400)).description, new RegExp(missing));
  }
});

test('names that look like paths, SQL or archives are just names', async () => {
  const api = await create('select - from api', { context: '/zip.slip', version: '1.0-rc_1.x' });
  assert.equal(
    (await running.publisher('GET', '/apis?query=name:%22select%20-%20from%20api%22')).body.list[0].id,
    api.id,
  );
  assert.equal(
    (await running.publisher('GET', `/apis?query=${encodeURIComponent("name:%' or 1=1 --")}`)).body.count,
    0,
  );
  await running.publisher('GET', `/apis/${encodeURIComponent("' or '1'='1")}`, { expect: 404 });
  await running.publisher('GET', '/apis/..%2f..%2fetc%2fpasswd', { expect: 404 });
});

test('one name and version, one context: what exists is 409, the same under another context 400', async () => {
  await create('Unique');
  await refused('POST', '/apis', apiBody('Unique'), 409);
  assert.equal((await refused('POST', '/apis', apiBody('UNIQUE', { context: '/other' }), 409)).code, 900250);
  assert.equal((await refused('POST', '/apis', apiBody('Another', { context: '/UNIQUE' }), 409)).code, 900251);
  await refused('POST', '/apis', apiBody('Unique', { context: '/elsewhere' }), 400);
  assert.equal((await create('Unique', { version: '2.0.0' })).version, '2.0.0');
});

test('of two creations at once one wins', async () => {
  const both = await Promise.all([1, 2].map(() => running.publisher('POST', '/apis', { json: apiBody('Race') })));
  assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
});

test('plans, roles, scopes, transports and operations that do not exist are refused by name', async () => {
  const operation = { target: '/a', verb: 'GET' };
  for (const [members, status, text] of [
    [{ policies: ['Platinum'] }, 400, /Platinum/],
    [{ apiThrottlingPolicy: 'Nope' }, 400, /Nope/],
    [{ operations: [{ ...operation, throttlingPolicy: 'Nope' }] }, 400, /Nope/],
    [{ operations: [operation, operation] }, 400, /GET \/a/],
    [{ operations: [{ target: '/a', verb: 'STEAL' }] }, 400, /STEAL/],
    [{ operations: [{ ...operation, scopes: ['ghost'] }] }, 412, /ghost/],
    [{ visibility: 'RESTRICTED' }, 400, /visibleRoles/],
    [{ visibility: 'RESTRICTED', visibleRoles: ['ghosts'] }, 400, /ghosts/],
    [{ visibility: 'SECRET' }, 400, /visibility/],
    [{ accessControl: 'RESTRICTED' }, 400, /accessControlRoles/],
    [{ scopes: [{ scope: { name: 'two words' } }] }, 400, /two words/],
    [{ scopes: [{ scope: { name: 's', bindings: ['ghosts'] } }] }, 400, /ghosts/],
    [{ transport: ['pigeon'] }, 400, /pigeon/],
    [{ securityScheme: ['trust'] }, 400, /trust/],
    [{ keyManagers: ['Okta'] }, 400, /Okta/],
    [{ additionalProperties: [{ name: 'a b', value: '' }] }, 400, /a b/],
    [{ description: 'x'.repeat(32_767) }, 400, /description/],
  ] as const) {
    assert.match(
      (await refused('POST', '/apis', apiBody('Checked', members as unknown as JsonObject), status)).description,
      text,
    );
  }
});

test('a wrong endpoint is named by its place, and a list of findings comes with it', async () => {
  const endpointConfig = {
    endpoint_type: 'http',
    production_endpoints: { url: 'nonsense' },
    sandbox_endpoints: { url: 'ftp://x' },
  };
  const body = await refused('POST', '/apis', apiBody('Endpoint', { endpointConfig }), 400);
  assert.match(body.description, /production_endpoints/);
  assert.equal(body.error.length, 2);
});

test('a scope that another API binds to other roles is not given away', async () => {
  const scoped = (bindings: string[]) => ({ scopes: [{ scope: { name: 'orders:write', bindings }, shared: false }] });
  await create('ScopeOwner', scoped(['Internal/publisher']));
  assert.match((await refused('POST', '/apis', apiBody('ScopeThief', scoped([])), 400)).description, /orders:write/);
  await create('ScopeOwner', { version: '2.0.0', ...scoped(['Internal/publisher']) });
  await create('ScopeFriend', scoped(['internal/PUBLISHER']));
});

test('a PUT replaces what may change and leaves identity, owner and state', async () => {
  const api = await create('Replaced', { tags: ['a'], policies: ['Gold'], maxTps: { production: 10 } });
  const { body } = await running.publisher('PUT', `/apis/${api.id}`, {
    json: apiBody('Renamed', {
      version: '9',
      context: '/elsewhere',
      provider: 'carla',
      lifeCycleStatus: 'PUBLISHED',
      tags: ['b'],
      displayName: 'Shown',
    }),
    expect: 200,
  });
  for (const member of ['id', 'name', 'version', 'context', 'provider', 'lifeCycleStatus', 'createdTime'] as const) {
    assert.equal(body[member], api[member], member);
  }
  assert.deepEqual([body.tags, body.policies, body.displayName, 'maxTps' in body], [['b'], [], 'Shown', false]);
  await running.publisher('PUT', '/apis/none', { json: apiBody('X'), expect: 404 });
});

test('what comes out can be put back', async () => {
  const api = await create('RoundTrip', {
    endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://a' } },
    operations: [
      {
        target: '/a/{b}',
        verb: 'get',
        authType: 'None',
        operationPolicies: { request: [{ policyName: 'addHeader', parameters: { headerName: 'x' } }] },
      },
    ],
    additionalProperties: [{ name: 'team', value: 'blue', display: true }],
    maxTps: { production: 5, productionTimeUnit: 'MINUTE' },
    businessInformation: { businessOwner: 'Bo' },
  });
  const {
    lastUpdatedTime: _a,
    lastUpdatedTimestamp: _b,
    ...before
  } = (await running.publisher('GET', `/apis/${api.id}`)).body;
  const {
    lastUpdatedTime: _c,
    lastUpdatedTimestamp: _d,
    ...after
  } = (await running.publisher('PUT', `/apis/${api.id}`, { json: before, expect: 200 })).body;
  assert.deepEqual(after, before);
});

test('backend passwords never come out, and a blank or absent one keeps what is stored', async () => {
  const security = (password: string | null) => ({
    endpoint_type: 'http',
    production_endpoints: { url: 'http://a' },
    endpoint_security: {
      production: { enabled: true, type: 'BASIC', username: 'u', ...(password === null ? {} : { password }) },
    },
  });
  const api = await create('Secret', { endpointConfig: security('hunter2') });
  const stored = async () => {
    const config = (await running.organization.apis.get(api.id))?.endpointConfig ?? {};
    assert.equal(holdsClearSecrets(config), false);
    return JSON.stringify(running.secrets.unseal(config, api.id));
  };
  for (const given of ['', null]) {
    const { body } = await running.publisher('PUT', `/apis/${api.id}`, {
      json: apiBody('Secret', { endpointConfig: security(given) }),
      expect: 200,
    });
    assert.equal(body.endpointConfig.endpoint_security.production.password, '');
    assert.match(await stored(), /hunter2/);
  }
  await running.publisher('PUT', `/apis/${api.id}`, {
    json: apiBody('Secret', { endpointConfig: security('changed') }),
    expect: 200,
  });
  assert.match(await stored(), /changed/);
  for (const path of ['', '/swagger'])
    assert.doesNotMatch(JSON.stringify((await running.publisher('GET', `/apis/${api.id}${path}`)).body), /changed/);
});

test('who may publish but not create changes only what is opened to publishers', async () => {
  const api = await create('Shared', { policies: ['Gold'], transport: ['https'] });
  const { body } = await running.publisher('PUT', `/apis/${api.id}`, {
    as: people.publisher,
    json: apiBody('Shared', {
      policies: ['Bronze'],
      tags: ['new'],
      transport: ['http'],
      endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://evil' } },
    }),
    expect: 200,
  });
  assert.deepEqual(
    [body.policies, body.tags, body.transport, body.endpointConfig],
    [['Bronze'], ['new'], ['https'], null],
  );
});

test('roles decide who may create, change, delete and look', async () => {
  const api = await create('Guarded');
  await refused('POST', '/apis', apiBody('Denied'), 401, people.subscriber);
  await refused('POST', '/apis', apiBody('Denied'), 401, people.publisher);
  await refused('PUT', `/apis/${api.id}`, apiBody('Guarded'), 401, people.observer);
  await refused('DELETE', `/apis/${api.id}`, undefined, 401, people.publisher);
  await refused('GET', '/apis', undefined, 401, people.subscriber);
  await running.publisher('GET', '/apis', { as: people.observer, expect: 200 });
});

test('restricted access hides an API from the list and refuses it by id, except to its roles, its owner and administrators', async () => {
  const api = await create('Hidden', { accessControl: 'RESTRICTED', accessControlRoles: ['Internal/publisher'] });
  const seen = async (as: string) =>
    (await running.publisher('GET', '/apis?query=name:%22Hidden%22', { as, expect: 200 })).body.count;
  assert.deepEqual(await Promise.all([people.publisher, people.creator, people.admin].map(seen)), [1, 0, 1]);
  await refused('GET', `/apis/${api.id}`, undefined, 403, people.creator);
  await refused('PUT', `/apis/${api.id}`, apiBody('Hidden'), 403, people.creator);
  await refused('GET', `/apis/${api.id}/revisions`, undefined, 403, people.creator);
  await running.publisher('GET', `/apis/${api.id}`, { as: people.publisher, expect: 200 });
});

test('lists are paged, newest first, with links that keep the query', async () => {
  for (const version of ['1', '2', '3']) await create('Paged', { version });
  const first = (await running.publisher('GET', '/apis?limit=2&query=name:Paged')).body;
  assert.deepEqual(
    first.list.map(({ version }: JsonObject) => version),
    ['3', '2'],
  );
  assert.deepEqual(first.pagination, {
    offset: 0,
    limit: 2,
    total: 3,
    next: '/apis?limit=2&offset=2&query=name%3APaged',
    previous: '',
  });
  const second = (await running.publisher('GET', first.pagination.next)).body;
  assert.deepEqual(
    [second.count, second.pagination.next, second.pagination.previous],
    [1, '', '/apis?limit=2&offset=0&query=name%3APaged'],
  );
  await refused('GET', '/apis?limit=-1', undefined, 400);
});

test('search finds by every key, and probes tell what is taken', async () => {
  const api = await create('Findable', {
    tags: ['needle'],
    description: 'in a haystack',
    additionalProperties: [{ name: 'team', value: 'blue' }],
  });
  for (const query of [
    'Findable',
    'name:find',
    'name:"Findable" version:"1.0.0"',
    'tag:needle',
    'description:haystack',
    'context:/findable',
    'provider:admin name:able$',
    'team:blue name:Findable',
    'status:created name:Findable',
    'type:HTTP name:find*',
  ]) {
    const { body } = await running.publisher('GET', `/apis?query=${encodeURIComponent(query)}`, { expect: 200 });
    assert.deepEqual(
      body.list.map(({ id }: JsonObject) => id),
      [api.id],
      query,
    );
  }
  for (const query of ['name:"Find"', 'team:red', 'type:WS name:Findable']) {
    assert.equal((await running.publisher('GET', `/apis?query=${encodeURIComponent(query)}`)).body.count, 0, query);
  }
  const found = (await running.publisher('GET', '/search?query=haystack', { expect: 200 })).body.list;
  assert.deepEqual(
    found.map(({ id, type }: JsonObject) => [id, type]),
    [[api.id, 'API']],
  );
  for (const [query, status] of [
    ['name:findable', 200],
    ['Findable', 200],
    ['context:/findable', 200],
    ['/findable', 200],
    ['name:free', 404],
    ['context:/free', 404],
    ['', 400],
  ] as const) {
    await running.publisher('POST', `/apis/validate?query=${encodeURIComponent(query)}`, { expect: status });
  }
});

test('a new version copies definition and image, and is refused where it exists', async () => {
  const api = await create('Copied', { operations: [{ target: '/only', verb: 'GET' }] });
  await running.publisher('PUT', `/apis/${api.id}/thumbnail`, {
    form: { file: new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'x') },
    expect: 200,
  });
  const copy = (
    await running.publisher('POST', `/apis/copy-api?apiId=${api.id}&newVersion=2.0.0&defaultVersion=true`, {
      expect: 201,
    })
  ).body;
  assert.deepEqual(
    [copy.version, copy.lifeCycleStatus, copy.isDefaultVersion, copy.hasThumbnail, copy.context],
    ['2.0.0', 'CREATED', true, true, '/copied'],
  );
  const definition = (await running.publisher('GET', `/apis/${copy.id}/swagger`)).body;
  assert.deepEqual([definition.info.version, Object.keys(definition.paths)], ['2.0.0', ['/only']]);
  assert.equal((await refused('POST', `/apis/copy-api?apiId=${api.id}&newVersion=2.0.0`, undefined, 409)).code, 900252);
  await refused('POST', `/apis/copy-api?apiId=${api.id}&newVersion=a/b`, undefined, 400);
  await refused('POST', `/apis/copy-api?apiId=none&newVersion=3`, undefined, 404);
  await refused('POST', `/apis/copy-api?apiId=${api.id}`, undefined, 400);
  const third = (
    await running.publisher('POST', `/apis/copy-api?apiId=${api.id}&newVersion=3.0.0&defaultVersion=true`, {
      expect: 201,
    })
  ).body;
  assert.equal((await running.publisher('GET', `/apis/${copy.id}`)).body.isDefaultVersion, false);
  assert.equal(third.isDefaultVersion, true);
});

test('images are told by their bytes, bounded, and served so that scripts in them stay dead', async () => {
  const api = await create('Pictured');
  const put = (bytes: string | Uint8Array<ArrayBuffer>, status: number) =>
    running.publisher('PUT', `/apis/${api.id}/thumbnail`, {
      form: { file: new File([bytes], 'a.png', { type: 'image/png' }) },
      expect: status,
    });
  await running.publisher('GET', `/apis/${api.id}/thumbnail`, { expect: 204 });
  await put('<html><script>alert(1)</script></html>', 415);
  await put('', 400);
  await put(new Uint8Array(1024 * 1024 + 1), 400);
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('rest')]);
  assert.deepEqual((await put(png, 200)).body, { relativePath: `/apis/${api.id}/thumbnail`, mediaType: 'image/png' });
  await put('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 200);
  const got = await running.publisher('GET', `/apis/${api.id}/thumbnail`, { expect: 200 });
  assert.equal(got.headers.get('content-type'), 'image/svg+xml');
  assert.match(got.headers.get('content-security-policy') ?? '', /sandbox/);
  assert.equal(got.headers.get('x-content-type-options'), 'nosniff');
  assert.equal((await running.publisher('GET', `/apis/${api.id}`)).body.hasThumbnail, true);
  await running.publisher('PUT', `/apis/${api.id}`, { json: apiBody('Pictured'), expect: 200 });
  await running.publisher('GET', `/apis/${api.id}/thumbnail`, { expect: 200 });
  await running.publisher('PUT', '/apis/none/thumbnail', { form: { file: new File([png], 'x') }, expect: 404 });
});

test('a deleted API is gone, and unknown ones are 404 everywhere', async () => {
  const api = await create('Deleted');
  await running.publisher('DELETE', `/apis/${api.id}`, { expect: 200 });
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/swagger'],
    ['GET', '/thumbnail'],
    ['GET', '/lifecycle-state'],
    ['GET', '/lifecycle-history'],
    ['GET', '/revisions'],
    ['GET', '/deployments'],
    ['POST', '/generate-key'],
    ['GET', '/subscription-policies'],
    ['GET', '/resource-paths'],
    ['DELETE', '/lifecycle-state/pending-tasks'],
  ]) {
    assert.equal(
      (await refused(method as string, `/apis/${api.id}${path}`, undefined, 404)).code,
      900308,
      `${method} ${path}`,
    );
  }
  await create('Deleted');
});
