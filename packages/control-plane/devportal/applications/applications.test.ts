import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { administrator, developer, otherDeveloper, type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

const create = (body: Record<string, unknown>, as = developer) =>
  portals.devportal('POST', '/applications', { as, body });

test('an application that was made is read back whole, with its place in Location', async () => {
  const made = await create({
    name: 'Shop',
    throttlingPolicy: '50PerMin',
    description: 'Sells',
    attributes: { team: 'blue' },
    groups: ['sales'],
  });
  assert.equal(made.status, 201);
  assert.equal(made.body.status, 'APPROVED');
  assert.equal(made.body.owner, 'dora');
  assert.equal(made.body.tokenType, 'JWT');
  assert.deepEqual(made.body.attributes, { team: 'blue' });
  const location = made.headers.get('location') ?? '';
  assert.match(
    location,
    new RegExp(`^http://127.0.0.1:\\d+/api/am/devportal/v3/applications/${made.body.applicationId}$`),
  );
  const read = await portals.devportal('GET', `/applications/${made.body.applicationId}`, { as: developer });
  assert.equal(read.status, 200);
  assert.deepEqual(read.body, made.body);
});

const refused: readonly [string, Record<string, unknown>, number, number?][] = [
  ['a name that the owner has already', { name: 'SHOP', throttlingPolicy: 'Unlimited' }, 409, 900301],
  ['no name', { throttlingPolicy: 'Unlimited' }, 400],
  ['an empty name', { name: '', throttlingPolicy: 'Unlimited' }, 400],
  ['a name of 101 characters', { name: 'x'.repeat(101), throttlingPolicy: 'Unlimited' }, 400],
  ['a name with a blank at its end', { name: 'Shop ', throttlingPolicy: 'Unlimited' }, 400],
  ['a name with a control character', { name: 'Sh\u0000op', throttlingPolicy: 'Unlimited' }, 400],
  ['a plan that does not exist', { name: 'Other', throttlingPolicy: 'Platinum' }, 400, 900305],
  ['a business plan in the place of an application plan', { name: 'Other', throttlingPolicy: 'Gold' }, 400, 900305],
  ['no plan', { name: 'Other' }, 400],
  [
    'a description of 513 characters',
    { name: 'Other', throttlingPolicy: 'Unlimited', description: 'x'.repeat(513) },
    400,
  ],
  ['an unknown token type', { name: 'Other', throttlingPolicy: 'Unlimited', tokenType: 'SAML' }, 400],
  [
    'attributes without bound',
    { name: 'Other', throttlingPolicy: 'Unlimited', attributes: { a: 'x'.repeat(1025) } },
    400,
    900970,
  ],
];
for (const [what, body, status, code] of refused) {
  test(`${what} makes no application`, async () => {
    const answer = await create(body);
    assert.equal(answer.status, status);
    if (code !== undefined) assert.equal(answer.body.code, code);
    assert.equal(typeof answer.body.code, 'number');
  });
}

test('two owners may use one name, and neither sees or touches the other application', async () => {
  const mine = await create({ name: 'Twin', throttlingPolicy: 'Unlimited' });
  const theirs = await create({ name: 'Twin', throttlingPolicy: 'Unlimited' }, otherDeveloper);
  assert.deepEqual([mine.status, theirs.status], [201, 201]);
  const path = `/applications/${mine.body.applicationId}`;
  const body = { name: 'Taken', throttlingPolicy: 'Unlimited' };
  for (const as of [otherDeveloper, administrator]) {
    const answers = [
      await portals.devportal('GET', path, { as }),
      await portals.devportal('PUT', path, { as, body }),
      await portals.devportal('DELETE', path, { as }),
      await portals.devportal('GET', `${path}/oauth-keys`, { as }),
      await portals.devportal('POST', `${path}/generate-keys`, {
        as,
        body: { keyType: 'PRODUCTION', grantTypesToBeSupported: ['client_credentials'] },
      }),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404, 404, 404],
    );
  }
  assert.equal((await portals.devportal('GET', path, { as: developer })).status, 200);
});

test('without credentials, with wrong ones and without the scope the answer is the same 401', async () => {
  await portals.keyManager.users.create({ username: 'carl', password: 'secret-3', roles: ['Internal/creator'] });
  for (const as of ['', 'dora:wrong', 'carl:secret-3']) {
    const answer = await portals.devportal('GET', '/applications', { as });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.description, 'Unauthenticated request');
  }
});

test('a change keeps the id and cannot take the name of a sibling', async () => {
  const one = await create({ name: 'One', throttlingPolicy: 'Unlimited' });
  await create({ name: 'Two', throttlingPolicy: 'Unlimited' });
  const path = `/applications/${one.body.applicationId}`;
  const clash = await portals.devportal('PUT', path, {
    as: developer,
    body: { name: 'two', throttlingPolicy: 'Unlimited' },
  });
  assert.equal(clash.status, 409);
  const changed = await portals.devportal('PUT', path, {
    as: developer,
    body: { name: 'Uno', throttlingPolicy: '10PerMin', applicationId: 'forged', owner: 'admin', status: 'CREATED' },
  });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.applicationId, one.body.applicationId);
  assert.deepEqual([changed.body.owner, changed.body.status], ['dora', 'APPROVED']);
  assert.equal(changed.body.throttlingPolicy, '10PerMin');
});

test('a list pages, sorts and searches, and its links lead to the pages around', async () => {
  const as = otherDeveloper;
  for (const name of ['list-b', 'list-a', 'list-c']) await create({ name, throttlingPolicy: 'Unlimited' }, as);
  const page = await portals.devportal('GET', '/applications?query=list-&limit=2&sortBy=name&sortOrder=desc', { as });
  assert.equal(page.status, 200);
  assert.deepEqual(
    page.body.list.map((application: { name: string }) => application.name),
    ['list-c', 'list-b'],
  );
  assert.equal(page.body.count, 2);
  assert.equal(page.body.pagination.total, 3);
  assert.equal(page.body.pagination.previous, '');
  const next = await portals.devportal('GET', page.body.pagination.next, { as });
  assert.deepEqual(
    next.body.list.map((application: { name: string }) => application.name),
    ['list-a'],
  );
  assert.equal(next.body.pagination.next, '');
  assert.equal((await portals.devportal('GET', '/applications?sortBy=secret', { as })).status, 400);
  assert.equal((await portals.devportal('GET', '/applications?limit=-1', { as })).status, 400);
});

test('a removed application takes keys, subscriptions and clients with it, and the gateways are told of each', async () => {
  const api = await portals.addApi();
  const made = await create({ name: 'Doomed', throttlingPolicy: 'Unlimited' });
  const id = made.body.applicationId;
  const keys = await portals.devportal('POST', `/applications/${id}/generate-keys`, {
    as: developer,
    body: { keyType: 'SANDBOX', grantTypesToBeSupported: ['client_credentials'] },
  });
  await portals.devportal('POST', '/subscriptions', {
    as: developer,
    body: { applicationId: id, apiId: api.id, throttlingPolicy: 'Gold' },
  });
  const head = await portals.store.system.feed.head();
  assert.equal((await portals.devportal('DELETE', `/applications/${id}`, { as: developer })).status, 200);
  assert.equal((await portals.devportal('DELETE', `/applications/${id}`, { as: developer })).status, 404);
  const events = await portals.store.system.feed.after(head, 'Default', 10);
  assert.deepEqual(
    events.map(({ kind, id: entity, value }) => [kind, entity, value]),
    [
      ['subscription', `${id}/${api.id}`, null],
      ['key', `Resident Key Manager/${keys.body.consumerKey}`, null],
      ['application', id, null],
    ],
  );
  assert.equal(await portals.organization.clients.get(keys.body.consumerKey), undefined);
  assert.equal(await portals.organization.keyMappings.byConsumerKey(keys.body.consumerKey), undefined);
});

test('a required attribute must be given, unless it has a default', async () => {
  const attribute = { description: '', tooltip: '', required: true, hidden: false };
  const strict = await startPortals({
    settings: {
      applicationAttributes: [
        { ...attribute, name: 'department' },
        { ...attribute, name: 'stage', default: 'test' },
      ],
    },
  });
  try {
    const body = { name: 'A', throttlingPolicy: 'Unlimited' };
    assert.equal((await strict.devportal('POST', '/applications', { as: developer, body })).status, 400);
    const made = await strict.devportal('POST', '/applications', {
      as: developer,
      body: { ...body, attributes: { department: 'blue' } },
    });
    assert.deepEqual(made.body.attributes, { department: 'blue', stage: 'test' });
    const listed = await strict.devportal('GET', '/settings/application-attributes', { as: developer });
    assert.equal(listed.body.count, 2);
  } finally {
    await strict.close();
  }
});

test('the first sign-in of a subscriber makes DefaultApplication once, even in a race, and never again after it was removed', async () => {
  await portals.keyManager.users.create({ username: 'nina', password: 'secret-4', roles: ['Internal/subscriber'] });
  const as = 'nina:secret-4';
  const lists = await Promise.all([1, 2, 3].map(() => portals.devportal('GET', '/applications', { as })));
  assert.ok(lists.every(({ status }) => status === 200));
  const { list } = (await portals.devportal('GET', '/applications', { as })).body;
  assert.deepEqual(
    list.map((application: { name: string; throttlingPolicy: string }) => [
      application.name,
      application.throttlingPolicy,
    ]),
    [['DefaultApplication', 'Unlimited']],
  );
  await portals.devportal('DELETE', `/applications/${list[0].applicationId}`, { as });
  assert.equal((await portals.devportal('GET', '/applications', { as })).body.count, 0);
});
