import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@sluice/model';
import { apiBody, people, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
let apiId: string;
let subscriptionId: string;
before(async () => {
  running = await startControlPlane();
  const endpointConfig = { endpoint_type: 'http', production_endpoints: { url: 'http://a' } };
  const json = apiBody('Subscribed', { policies: ['Gold', 'Bronze'], endpointConfig });
  apiId = (await running.publisher('POST', '/apis', { json, expect: 201 })).body.id;
  await running.publisher('POST', `/apis/change-lifecycle?apiId=${apiId}&action=Publish`, { expect: 200 });
  const options = { as: people.subscriber, expect: 201 };
  const application = { name: 'Shop', throttlingPolicy: 'Unlimited' };
  const made = await running.call('POST', '/api/am/devportal/v3/applications', { ...options, json: application });
  const wish = { apiId, applicationId: made.body.applicationId, throttlingPolicy: 'Gold' };
  subscriptionId = (await running.call('POST', '/api/am/devportal/v3/subscriptions', { ...options, json: wish })).body
    .subscriptionId;
});
after(() => running.close());

const act = (action: string, query: string, expect: number, as: string = people.publisher) =>
  running.publisher('POST', `/subscriptions/${action}?subscriptionId=${subscriptionId}${query}`, { expect, as });

test('subscriptions to an API are listed with their applications', async () => {
  const { body } = await running.publisher('GET', `/subscriptions?apiId=${apiId}`, { as: people.creator, expect: 200 });
  assert.equal(body.pagination.total, 1);
  assert.equal(body.list[0].subscriptionId, subscriptionId);
  assert.deepEqual([body.list[0].applicationInfo.name, body.list[0].applicationInfo.subscriber], ['Shop', 'simon']);
  assert.deepEqual([body.list[0].throttlingPolicy, body.list[0].subscriptionStatus], ['Gold', 'UNBLOCKED']);
  assert.equal((await running.publisher('GET', '/subscriptions', { expect: 200 })).body.count, 1);
  await running.publisher('GET', '/subscriptions?apiId=none', { expect: 404 });
  assert.equal(
    (await running.publisher('GET', `/subscriptions/${subscriptionId}/subscriber-info`, { expect: 200 })).body.name,
    'simon',
  );
});

test('a subscription is blocked, wholly or for production, and let through again, and gateways hear of it', async () => {
  await running.events();
  assert.equal(
    (await act('block-subscription', '&blockState=PROD_ONLY_BLOCKED', 200)).body.subscriptionStatus,
    'PROD_ONLY_BLOCKED',
  );
  await act('block-subscription', '&blockState=BLOCKED', 200);
  await act('unblock-subscription', '', 200);
  const states = (await running.events()).map(({ kind, value }) => [kind, (value as unknown as JsonObject).status]);
  assert.deepEqual(states, [
    ['subscription', 'PROD_ONLY_BLOCKED'],
    ['subscription', 'BLOCKED'],
    ['subscription', 'UNBLOCKED'],
  ]);
  await act('block-subscription', '&blockState=GONE', 400);
  await act('block-subscription', '', 400);
  await act('block-subscription', '&blockState=BLOCKED', 401, people.creator);
  await running.publisher('POST', '/subscriptions/unblock-subscription?subscriptionId=none', { expect: 404 });
});

test('a plan is changed to one that the API offers and to no other', async () => {
  assert.equal((await act('change-business-plan', '&businessPlan=Bronze', 200)).body.throttlingPolicy, 'Bronze');
  await act('change-business-plan', '&businessPlan=Silver', 400);
  await act('change-business-plan', '&businessPlan=Nope', 400);
});
