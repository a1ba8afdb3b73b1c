import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { developer, otherDeveloper, type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

let made = 0;
async function newApplication(as = developer): Promise<string> {
  made += 1;
  const body = { name: `Subscriber ${made}`, throttlingPolicy: 'Unlimited' };
  return (await portals.devportal('POST', '/applications', { as, body })).body.applicationId;
}
const subscribe = (body: unknown, as = developer) => portals.devportal('POST', '/subscriptions', { as, body });
const eventsAfter = async (head: number) =>
  (await portals.store.system.feed.after(head, 'Default', 100)).map(({ sequence, environment, ...change }) => change);

test('a subscription is made once, shown with both its ends, and told to the gateways', async () => {
  const [api, applicationId] = [await portals.addApi(), await newApplication()];
  const head = await portals.store.system.feed.head();
  const made = await subscribe({ applicationId, apiId: api.id, throttlingPolicy: 'Gold' });
  assert.equal(made.status, 201);
  const { subscriptionId } = made.body;
  assert.ok(made.headers.get('location')?.endsWith(`/api/am/devportal/v3/subscriptions/${subscriptionId}`));
  assert.equal(made.body.status, 'UNBLOCKED');
  assert.equal(made.body.redirectionParams, null);
  assert.equal(made.body.apiInfo.context, `${api.context}/1.0.0`);
  assert.equal(made.body.applicationInfo.subscriptionCount, 1);
  assert.deepEqual(await eventsAfter(head), [
    {
      kind: 'subscription',
      id: `${applicationId}/${api.id}`,
      value: { id: subscriptionId, apiId: api.id, applicationId, plan: 'Gold', status: 'UNBLOCKED' },
    },
  ]);
  const again = await subscribe({ applicationId, apiId: api.id, throttlingPolicy: 'Unlimited' });
  assert.deepEqual([again.status, again.body.code], [409, 900336]);
  const read = await portals.devportal('GET', `/subscriptions/${subscriptionId}`, { as: developer });
  assert.equal(read.body.throttlingPolicy, 'Gold');
});

test('what may not be subscribed to is refused with the reason of WSO2', async () => {
  const applicationId = await newApplication();
  const others = await newApplication(otherDeveloper);
  const published = await portals.addApi();
  const cases: [string, Record<string, unknown>, number, number?][] = [
    ['unknown API', { apiId: 'none', throttlingPolicy: 'Gold' }, 404, 900308],
    ['no API', { throttlingPolicy: 'Gold' }, 400],
    ['created API', { apiId: (await portals.addApi({ status: 'CREATED' })).id, throttlingPolicy: 'Gold' }, 403],
    ['retired API', { apiId: (await portals.addApi({ status: 'RETIRED' })).id, throttlingPolicy: 'Gold' }, 403],
    ['blocked API', { apiId: (await portals.addApi({ status: 'BLOCKED' })).id, throttlingPolicy: 'Gold' }, 403],
    ['prototype', { apiId: (await portals.addApi({ status: 'PROTOTYPED' })).id, throttlingPolicy: 'Gold' }, 403],
    ['deprecated API', { apiId: (await portals.addApi({ status: 'DEPRECATED' })).id, throttlingPolicy: 'Gold' }, 403],
    [
      'API for other roles',
      {
        apiId: (await portals.addApi({ visibility: 'RESTRICTED', visibleRoles: ['boss'] })).id,
        throttlingPolicy: 'Gold',
      },
      403,
    ],
    ['plan that the API does not offer', { apiId: published.id, throttlingPolicy: 'Silver' }, 403, 902002],
    ['plan that does not exist', { apiId: published.id, throttlingPolicy: 'Lead' }, 403, 902002],
    ['no plan', { apiId: published.id }, 400],
    ['unknown application', { applicationId: 'none', apiId: published.id, throttlingPolicy: 'Gold' }, 404, 900307],
    [
      "somebody else's application",
      { applicationId: others, apiId: published.id, throttlingPolicy: 'Gold' },
      404,
      900307,
    ],
  ];
  for (const [what, body, status, code] of cases) {
    const answer = await subscribe({ applicationId, ...body });
    assert.equal(answer.status, status, what);
    if (code !== undefined) assert.equal(answer.body.code, code, what);
  }
  assert.equal((await portals.organization.subscriptions.list({ applicationId }, { offset: 0, limit: 9 })).total, 0);
});

test('a plan for some roles is neither shown to others nor given to them', async () => {
  const gold = await portals.organization.plans.find('subscription', 'Bronze');
  assert.ok(gold);
  await portals.organization.plans.update({
    ...gold,
    permissions: { type: 'ALLOW', roles: ['boss'] },
  });
  const api = await portals.addApi({ policies: ['Bronze', 'Gold'] });
  const answer = await subscribe({ applicationId: await newApplication(), apiId: api.id, throttlingPolicy: 'Bronze' });
  assert.equal(answer.status, 403);
  const plans = await portals.devportal('GET', `/apis/${api.id}/subscription-policies`, { as: developer });
  assert.deepEqual(
    plans.body.map((plan: { name: string }) => plan.name),
    ['Gold'],
  );
});

test('the plan changes to one that the API offers, and the gateways are told', async () => {
  const [api, applicationId] = [await portals.addApi(), await newApplication()];
  const { subscriptionId } = (await subscribe({ applicationId, apiId: api.id, throttlingPolicy: 'Gold' })).body;
  const path = `/subscriptions/${subscriptionId}`;
  const head = await portals.store.system.feed.head();
  const change = (body: Record<string, unknown>, as = developer) =>
    portals.devportal('PUT', path, { as, body: { applicationId, apiId: api.id, ...body } });
  const changed = await change({ throttlingPolicy: 'Gold', requestedThrottlingPolicy: 'Unlimited' });
  assert.equal(changed.status, 200);
  assert.deepEqual([changed.body.throttlingPolicy, changed.body.requestedThrottlingPolicy], ['Unlimited', 'Unlimited']);
  const [event] = await eventsAfter(head);
  assert.equal(event?.kind === 'subscription' && event.value?.plan, 'Unlimited');
  assert.equal((await change({ throttlingPolicy: 'Gold' })).body.throttlingPolicy, 'Gold');
  assert.equal((await change({ throttlingPolicy: 'Silver' })).status, 403);
  assert.equal((await change({ throttlingPolicy: 'Gold' }, otherDeveloper)).status, 404);

  const subscription = await portals.organization.subscriptions.get(subscriptionId);
  assert.ok(subscription);
  await portals.organization.subscriptions.update({ ...subscription, status: 'TIER_UPDATE_PENDING' });
  assert.equal((await change({ throttlingPolicy: 'Gold' })).status, 409);
  await portals.organization.subscriptions.update({ ...subscription, status: 'BLOCKED' });
  assert.equal((await change({ throttlingPolicy: 'Gold' })).status, 400);
});

test('who unsubscribes is off the gateways, and may subscribe again', async () => {
  const [api, applicationId] = [await portals.addApi(), await newApplication()];
  const body = { applicationId, apiId: api.id, throttlingPolicy: 'Gold' };
  const { subscriptionId } = (await subscribe(body)).body;
  const path = `/subscriptions/${subscriptionId}`;
  assert.equal((await portals.devportal('DELETE', path, { as: otherDeveloper })).status, 404);
  const head = await portals.store.system.feed.head();
  assert.equal((await portals.devportal('DELETE', path, { as: developer })).status, 200);
  assert.deepEqual(await eventsAfter(head), [{ kind: 'subscription', id: `${applicationId}/${api.id}`, value: null }]);
  assert.equal((await portals.devportal('GET', path, { as: developer })).status, 404);
  assert.equal((await subscribe(body)).status, 201);
});

test('several subscriptions are made together or not at all', async () => {
  const [one, two, applicationId] = [await portals.addApi(), await portals.addApi(), await newApplication()];
  const body = [one, two].map((api) => ({ applicationId, apiId: api.id, throttlingPolicy: 'Gold' }));
  const many = (bodies: unknown) =>
    portals.devportal('POST', '/subscriptions/multiple', { as: developer, body: bodies });
  const head = await portals.store.system.feed.head();
  const failed = await many([...body, { applicationId, apiId: 'none', throttlingPolicy: 'Gold' }]);
  assert.equal(failed.status, 404);
  assert.deepEqual(await eventsAfter(head), []);
  const answer = await many(body);
  assert.equal(answer.status, 200);
  assert.deepEqual(
    answer.body.map((subscription: { apiId: string }) => subscription.apiId),
    [one.id, two.id],
  );
  assert.equal((await many(body)).status, 409);
});

test("a list is of one's own application or one's own to an API, never of others", async () => {
  const api = await portals.addApi();
  const [mine, theirs] = [await newApplication(), await newApplication(otherDeveloper)];
  await subscribe({ applicationId: mine, apiId: api.id, throttlingPolicy: 'Gold' });
  await subscribe({ applicationId: theirs, apiId: api.id, throttlingPolicy: 'Gold' }, otherDeveloper);
  const list = (query: string) => portals.devportal('GET', `/subscriptions${query}`, { as: developer });
  for (const query of [`?apiId=${api.id}`, `?applicationId=${mine}`, `?applicationId=${mine}&apiId=${api.id}`]) {
    const { body } = await list(query);
    assert.deepEqual(
      body.list.map((subscription: { applicationId: string }) => subscription.applicationId),
      [mine],
    );
  }
  assert.equal((await list('')).status, 400);
  assert.equal((await list(`?applicationId=${theirs}`)).status, 404);
});
