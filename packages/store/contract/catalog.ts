import assert from 'node:assert/strict';
import { test } from 'node:test';
import { superOrganization } from '@sluice/model';
import type { Fixture } from './contract.ts';
import { rejectsConflict } from './expect.ts';
import { sampleClient, sampleEnvironment, samplePlan, sampleUser, unique } from './samples.ts';

export function catalogContract(fixture: Fixture): void {
  const tenant = () => fixture.store.organization(unique('org'));

  test('a plan name is taken once for each kind', async () => {
    const store = tenant();
    const gold = samplePlan(store.organization, { name: 'Gold' });
    await store.plans.create(gold);
    await rejectsConflict(store.plans.create(samplePlan(store.organization, { name: 'Gold' })), 'plan-name');
    const advanced = samplePlan(store.organization, { name: 'Gold', kind: 'advanced', quota: null });
    await store.plans.create(advanced);
    await store.plans.create(samplePlan(store.organization, { name: 'Bronze' }));
    assert.deepEqual(
      (await store.plans.list('subscription')).map((plan) => plan.name),
      ['Bronze', 'Gold'],
    );
    assert.deepEqual(await store.plans.find('advanced', 'Gold'), advanced);
    assert.deepEqual(await store.plans.list('application'), []);
    const dearer = { ...gold, billingPlan: 'COMMERCIAL' as const };
    assert.equal(await store.plans.update(dearer), true);
    assert.deepEqual(await store.plans.get(gold.id), dearer);
    assert.equal(await store.plans.remove(gold.id), true);
    assert.equal(await store.plans.remove(gold.id), false);
    assert.equal(await store.plans.update(gold), false);
  });

  test('a gateway environment name is taken once', async () => {
    const store = tenant();
    const environment = sampleEnvironment(store.organization, { name: 'Default' });
    await store.environments.create(environment);
    const again = sampleEnvironment(store.organization, { name: 'Default' });
    await rejectsConflict(store.environments.create(again), 'environment-name');
    await rejectsConflict(store.environments.create({ ...environment, name: 'EU' }), 'environment-id');
    const changed = { ...environment, displayName: 'Home', vhosts: [] };
    assert.equal(await store.environments.update(changed), true);
    assert.deepEqual(await store.environments.find('Default'), changed);
    assert.deepEqual(await store.environments.list(), [changed]);
    assert.equal(await store.environments.remove('Default'), true);
    assert.equal(await store.environments.remove('Default'), false);
  });

  test('a user name is taken once whatever the case, and found so', async () => {
    const store = tenant();
    const user = sampleUser(store.organization, { name: 'Dave@Example.com' });
    await store.users.create(user);
    await rejectsConflict(
      store.users.create(sampleUser(store.organization, { name: 'dave@example.COM' })),
      'user-name',
    );
    assert.deepEqual(await store.users.find('DAVE@example.com'), user);
    const promoted = { ...user, roles: ['admin'] };
    assert.equal(await store.users.update(promoted), true);
    await store.users.create(sampleUser(store.organization, { name: 'Adam' }));
    const { items, total } = await store.users.list({ offset: 1, limit: 1 });
    assert.deepEqual([items, total], [[promoted], 2]);
    assert.equal(await store.users.remove('DAVE@EXAMPLE.COM'), true);
    assert.equal(await store.users.find(user.name), undefined);
    assert.equal(await store.users.update(user), false);
  });

  test('an OAuth client has an id and a name of its own', async () => {
    const store = tenant();
    const client = sampleClient(store.organization, { properties: { ttl: 5 } });
    await store.clients.create(client);
    await rejectsConflict(store.clients.create({ ...client, name: 'other' }), 'client-id');
    await rejectsConflict(store.clients.create({ ...client, clientId: 'other' }), 'client-name');
    assert.deepEqual(await store.clients.get(client.clientId), client);
    assert.deepEqual(await store.clients.findByName(client.name), client);
    const renamed = { ...client, name: 'renamed', secret: 'sealed again' };
    assert.equal(await store.clients.update(renamed), true);
    assert.equal(await store.clients.findByName(client.name), undefined);
    assert.deepEqual(await store.clients.findByName('renamed'), renamed);
    assert.equal(await store.clients.remove(client.clientId), true);
    assert.equal(await store.clients.update(client), false);
  });

  test('organizations are the super organization and those with users', async () => {
    const name = unique('zoo');
    assert.equal((await fixture.store.organizations())[0], superOrganization);
    assert.equal((await fixture.store.organizations()).includes(name), false);
    await fixture.store.organization(name).users.create(sampleUser(name));
    await fixture.store.organization(superOrganization).users.create(sampleUser(superOrganization));
    const organizations = await fixture.store.organizations();
    assert.equal(organizations[0], superOrganization);
    assert.equal(organizations.filter((it) => it === name || it === superOrganization).length, 2);
  });
}
