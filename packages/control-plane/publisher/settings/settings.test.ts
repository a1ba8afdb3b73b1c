import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JsonObject } from '@sluice/model';
import { people, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane();
});
after(() => running.close());

const base64url = (text: string) => Buffer.from(text).toString('base64url');
const get = async (path: string) => (await running.publisher('GET', path, { expect: 200 })).body;

test('settings name environments with their hosts and the scopes that a portal asks for', async () => {
  const { environment, scopes } = await get('/settings');
  assert.deepEqual(
    [environment[0].name, environment[0].vhosts[0].host, environment[0].vhosts[0].httpsPort],
    ['Default', 'localhost', 8243],
  );
  assert.ok(scopes.includes('apim:api_publish') && scopes.includes('openid'));
  await running.publisher('GET', '/settings', { as: people.subscriber, expect: 401 });
});

test('roles are told to exist by what the installation and its people have', async () => {
  const head = (path: string, as: string, expect: number) => running.publisher('HEAD', path, { as, expect });
  await head(`/roles/${base64url('Internal/publisher')}`, people.creator, 200);
  await head(`/roles/${base64url('internal/everyone')}`, people.creator, 200);
  await head(`/roles/${base64url('ghosts')}`, people.creator, 404);
  await head(`/me/roles/${base64url('Internal/creator')}`, people.creator, 200);
  await head(`/me/roles/${base64url('admin')}`, people.creator, 404);
});

test('organizations and key managers are named', async () => {
  await running.publisher('HEAD', '/tenants/carbon.super', { expect: 200 });
  await running.publisher('HEAD', '/tenants/other.com', { expect: 404 });
  assert.deepEqual((await get('/tenants?state=active')).list, [{ domain: 'carbon.super', status: 'ACTIVE' }]);
  assert.equal((await get('/tenants?state=inactive')).count, 0);
  assert.equal((await get('/me/organization-information')).organizationId, 'carbon.super');
  assert.equal((await get('/key-managers')).list[0].name, 'Resident Key Manager');
});

test('business plans, advanced policies and plans for events are kept apart', async () => {
  const names = async (path: string, member = 'name') =>
    (await get(path)).list.map((plan: JsonObject) => plan[member]).sort();
  assert.deepEqual(await names('/throttling-policies/subscription'), ['Bronze', 'Gold', 'Silver', 'Unlimited']);
  assert.deepEqual(await names('/throttling-policies/subcription?limit=1'), ['Bronze']);
  assert.deepEqual(await names('/throttling-policies/api'), ['10KPerMin', '20KPerMin', '50KPerMin', 'Unlimited']);
  assert.deepEqual(await names('/throttling-policies/subscription?isAiApi=true'), ['AIBronze', 'AIGold', 'AISilver']);
  assert.ok((await names('/throttling-policies/streaming/subscription', 'policyName')).includes('AsyncGold'));
  assert.equal((await get('/throttling-policies/api/10KPerMin')).requestCount, 10_000);
  await running.publisher('GET', '/throttling-policies/subscription/Nope', { expect: 404 });
  await running.publisher('GET', '/throttling-policies/application', { expect: 400 });
});
