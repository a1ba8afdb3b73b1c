import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Api } from '@sluice/model';
import { administrator, developer, type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

const get = (path: string, as = '') => portals.devportal('GET', path, { as });
const namesOf = (list: { name: string }[]) => list.map(({ name }) => name).sort();

/** Deploys as the publisher does, without telling the gateways. */
async function deploy(api: Api, environment: string): Promise<void> {
  const revision = await portals.organization.revisions.create({
    ...{ id: crypto.randomUUID(), apiId: api.id, description: '', createdTime: 1, createdBy: 'admin', api },
    definition: '{}',
  });
  await portals.organization.deployments.put({
    ...{ apiId: api.id, revisionId: revision.id, environment, vhost: 'localhost' },
    ...{ displayOnDevportal: true, deployedTime: 1 },
  });
}

test('an API is shown with its version in the context, its plans, and the URLs of where it is deployed', async () => {
  const api = await portals.addApi({
    name: 'Shown',
    context: '/shown',
    isDefaultVersion: true,
    additionalProperties: [
      { name: 'team', value: 'blue', display: true },
      { name: 'cost', value: '7', display: false },
    ],
    more: {
      businessInformation: { businessOwner: 'Bo', technicalOwner: null },
      advertiseInfo: { advertised: false, secretMember: 'x' },
      categories: ['retail'],
    },
  });
  await deploy(api, 'Default');
  const { status, body } = await get(`/apis/${api.id}`);
  assert.equal(status, 200);
  assert.equal(body.context, '/shown/1.0.0');
  assert.deepEqual(
    body.tiers.map(({ tierName }: { tierName: string }) => tierName),
    ['Gold', 'Unlimited'],
  );
  assert.deepEqual(body.endpointURLs, [
    {
      environmentName: 'Default',
      environmentDisplayName: 'Default',
      environmentType: 'hybrid',
      URLs: { http: 'http://localhost:8280/shown/1.0.0', https: 'https://localhost:8243/shown/1.0.0' },
      defaultVersionURLs: { http: 'http://localhost:8280/shown', https: 'https://localhost:8243/shown' },
    },
  ]);
  assert.deepEqual(body.additionalProperties, [{ name: 'team', value: 'blue', display: true }]);
  assert.deepEqual(body.businessInformation, { businessOwner: 'Bo' });
  assert.deepEqual(body.advertiseInfo, { advertised: false });
  assert.equal(JSON.stringify(body).includes('127.0.0.1:9'), false, 'the backend must not be shown');
});

test('what is not published, or not for the caller, is 403 by id and absent from lists', async () => {
  const add = (name: string, members: Partial<Api>) =>
    portals.addApi({ name, context: `/${name.toLowerCase()}`, ...members });
  const apis = {
    created: await add('VisCreated', { status: 'CREATED' }),
    blocked: await add('VisBlocked', { status: 'BLOCKED' }),
    retired: await add('VisRetired', { status: 'RETIRED' }),
    deprecated: await add('VisDeprecated', { status: 'DEPRECATED' }),
    prototyped: await add('VisPrototyped', { status: 'PROTOTYPED' }),
    private: await add('VisPrivate', { visibility: 'PRIVATE' }),
    restricted: await add('VisRestricted', { visibility: 'RESTRICTED', visibleRoles: ['internal/SUBSCRIBER'] }),
    forBoss: await add('VisForBoss', { visibility: 'RESTRICTED', visibleRoles: ['boss'] }),
  };
  const expected: readonly [keyof typeof apis, number, number][] = [
    ['created', 403, 403],
    ['blocked', 403, 403],
    ['retired', 403, 403],
    ['deprecated', 200, 200],
    ['prototyped', 200, 200],
    ['private', 403, 200],
    ['restricted', 403, 200],
    ['forBoss', 403, 403],
  ];
  for (const [name, anonymous, signedIn] of expected) {
    for (const path of ['', '/swagger', '/subscription-policies']) {
      assert.equal((await get(`/apis/${apis[name].id}${path}`)).status, anonymous, name + path);
      assert.equal((await get(`/apis/${apis[name].id}${path}`, developer)).status, signedIn, name + path);
    }
  }
  assert.equal((await get('/apis/none')).status, 404);
  const seen = async (path: string, as: string) =>
    namesOf((await get(`${path}?query=name:Vis&limit=50`, as)).body.list);
  for (const path of ['/apis', '/search']) {
    assert.deepEqual(await seen(path, ''), ['VisPrototyped']);
    assert.deepEqual(await seen(path, developer), ['VisPrivate', 'VisPrototyped', 'VisRestricted']);
  }
});

test('older versions stand behind the newest by number, not by letters, and are listed where the operator says so', async () => {
  for (const version of ['1.9.0', '1.10.0', '1.10.0-beta']) {
    await portals.addApi({ name: 'Versioned', context: '/versioned', version });
  }
  const { body } = await get('/apis?query=name:Versioned');
  assert.deepEqual([body.count, body.pagination.total, body.list[0].version], [1, 1, '1.10.0']);
});

test('a list pages over what is visible, and its links keep the query', async () => {
  for (const letter of ['a', 'b', 'c'])
    await portals.addApi({ name: `Paged-${letter}`, context: `/paged-${letter}`, tags: ['paging'] });
  const first = (await get('/apis?query=tag:paging&limit=2')).body;
  assert.deepEqual([first.count, first.pagination.total], [2, 3]);
  const second = (await get(first.pagination.next)).body;
  assert.deepEqual(namesOf([...first.list, ...second.list]), ['Paged-a', 'Paged-b', 'Paged-c']);
  const back = (await get(second.pagination.previous)).body;
  assert.deepEqual(namesOf(back.list), namesOf(first.list));
  const tags = (await get('/tags')).body;
  assert.deepEqual(
    tags.list.find(({ value }: { value: string }) => value === 'paging'),
    { value: 'paging', count: 3 },
  );
});

test('a search finds what its terms say, and refuses what cannot be read', async () => {
  await portals.addApi({ name: 'Needle', context: '/haystack', tags: ['sharp'], description: 'pricks' });
  for (const query of [
    'name:Needle',
    'name:"Needle" version:"1.0.0"',
    'name:eedle$',
    'name:Need*',
    'context:/haystack',
    'needle',
  ]) {
    const found = (await get(`/apis?query=${encodeURIComponent(query)}`)).body;
    assert.deepEqual(namesOf(found.list), ['Needle'], query);
  }
  const unified = (await get('/search?query=pricks')).body;
  assert.deepEqual([unified.list[0].type, unified.list[0].context], ['API', '/haystack/1.0.0']);
  assert.equal((await get('/search?query=type:%22APIProduct%22')).body.count, 0);
  assert.equal((await get('/search?query=type:API%20name:Needle')).body.count, 1);
  assert.equal((await get('/apis?query=name:%22open')).status, 400);
  assert.equal((await get(`/apis?query=${'a:b%20'.repeat(30)}`)).status, 400);
});

test('the definition names gateways and hides backends, deployed or not, in both dialects', async () => {
  const hidden = 'https://backend.internal';
  const openapi = JSON.stringify({
    openapi: '3.0.1',
    info: { title: 'D', version: '1' },
    servers: [{ url: hidden }],
    'x-wso2-production-endpoints': { urls: [hidden] },
    paths: { '/x': { servers: [{ url: hidden }], get: { responses: { 200: { description: 'ok' } } } } },
  });
  const swagger = JSON.stringify({
    swagger: '2.0',
    info: { title: 'D', version: '1' },
    host: 'backend.internal',
    basePath: '/inner',
    schemes: ['https'],
    paths: { '/x': { get: { responses: { 200: { description: 'ok' } } } } },
  });
  for (const [name, definition] of [
    ['DefinedThree', openapi],
    ['DefinedTwo', swagger],
  ] as const) {
    const api = await portals.addApi({ name, context: `/${name}` }, definition);
    for (const deployed of [false, true]) {
      if (deployed) await deploy(api, 'Default');
      const { status, body } = await get(`/apis/${api.id}/swagger`);
      assert.equal(status, 200);
      assert.equal(JSON.stringify(body).includes('backend.internal'), false, `${name} ${deployed}`);
      assert.ok(JSON.stringify(body).includes(`/${name}/1.0.0`));
      assert.ok(body.paths['/x'].get);
    }
    const named = (await get(`/apis/${api.id}/swagger?environmentName=Default`)).body;
    assert.equal(
      named.servers?.[0].url ?? `https://${named.host}${named.basePath}`,
      `https://localhost:8243/${name}/1.0.0`,
    );
    assert.equal((await get(`/apis/${api.id}/swagger?environmentName=Nowhere`)).status, 404);
  }
});

test('a picture is given as it came, and no picture is 204', async () => {
  const api = await portals.addApi();
  assert.equal((await get(`/apis/${api.id}/thumbnail`)).status, 204);
  await portals.organization.apis.setThumbnail(api.id, { mediaType: 'image/png', bytes: Buffer.from('png!') });
  const answer = await fetch(`${portals.url}/api/am/devportal/v3/apis/${api.id}/thumbnail`);
  assert.equal(answer.headers.get('content-type'), 'image/png');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(Buffer.from(await answer.arrayBuffer()).toString(), 'png!');
});

test('plans are for everybody to read, by level and name', async () => {
  const plans = (await get('/throttling-policies/application')).body;
  assert.deepEqual(
    plans.list.map(({ name, requestCount }: { name: string; requestCount: number }) => [name, requestCount]),
    [
      ['10PerMin', 10],
      ['20PerMin', 20],
      ['50PerMin', 50],
      ['Unlimited', 2_147_483_647],
    ],
  );
  const gold = (await get('/throttling-policies/subscription/Gold')).body;
  assert.deepEqual(
    [gold.requestCount, gold.unitTime, gold.timeUnit, gold.quotaPolicyType, gold.stopOnQuotaReach],
    [5000, 1, 'min', 'REQUESTCOUNT', true],
  );
  assert.equal((await get('/throttling-policies/subscription/Lead')).status, 404);
  assert.equal((await get('/throttling-policies/advanced')).status, 400);
});

test('an installation without anonymous visitors shows them its settings alone', async () => {
  const closed = await startPortals({
    settings: { anonymousMode: false, displayMultipleVersions: true, displayDeprecatedApis: true },
  });
  try {
    for (const path of ['/apis', '/search', '/tags', '/throttling-policies/application']) {
      assert.equal((await closed.devportal('GET', path)).status, 401, path);
    }
    const settings = await closed.devportal('GET', '/settings');
    assert.deepEqual([settings.status, settings.body.IsAnonymousModeEnabled], [200, false]);
    await closed.addApi({ name: 'Both', context: '/both', version: '1', status: 'DEPRECATED' });
    await closed.addApi({ name: 'Both', context: '/both', version: '2' });
    assert.equal((await closed.devportal('GET', '/apis', { as: administrator })).body.count, 2);
  } finally {
    await closed.close();
  }
});
