import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type PlanKind, seededPlans } from '@sluice/model';
import { type Portals, startPortals } from '../testing/portals.ts';
import { seedOrganization } from './organization.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

const vhost = { host: 'localhost', httpPort: 8280, httpsPort: 8243, wsPort: 9099, wssPort: 8099, httpContext: '' };
const environment = { name: 'Default', displayName: 'Default', description: '', type: 'hybrid', vhost } as const;
const namesOf = async (kind: PlanKind) => (await portals.organization.plans.list(kind)).map(({ name }) => name).sort();

test('a second start changes nothing: no row, no event, and what was removed stays removed', async () => {
  const gold = await portals.organization.plans.find('subscription', 'Gold');
  assert.ok(gold);
  await portals.organization.plans.remove(gold.id);
  const before = { plans: await namesOf('subscription'), head: await portals.store.system.feed.head() };
  await seedOrganization(portals.store, 'carbon.super', { environments: [environment] });
  assert.deepEqual({ plans: await namesOf('subscription'), head: await portals.store.system.feed.head() }, before);
});

test('a host, a port and an environment that the settings got later are there after the next start', async () => {
  const [known] = await portals.organization.environments.list();
  const moved = { ...environment, displayName: 'Moved', vhost: { ...vhost, host: 'api.example', httpsPort: 443 } };
  const added = { ...environment, name: 'Inner', type: 'sandbox' } as const;
  await seedOrganization(portals.store, 'carbon.super', { environments: [moved, added] });
  await seedOrganization(portals.store, 'carbon.super', { environments: [moved] });
  const environments = await portals.organization.environments.list();
  assert.deepEqual(environments.find(({ name }) => name === 'Default')?.vhosts, [moved.vhost]);
  assert.equal(environments.find(({ name }) => name === 'Default')?.id, known?.id);
  assert.equal(environments.find(({ name }) => name === 'Inner')?.type, 'sandbox');
});

test('every organization gets its own, and the gateways are told of each plan', async () => {
  const head = await portals.store.system.feed.head();
  await Promise.all(
    [1, 2].map(() => seedOrganization(portals.store, 'second.example', { environments: [environment] })),
  );
  const events = await portals.store.system.feed.after(head, 'Default', 1000);
  assert.equal(events.length, seededPlans.length);
  const second = portals.store.organization('second.example');
  assert.equal((await second.environments.find('Default'))?.vhosts[0]?.host, 'localhost');
  const gold = await second.plans.find('subscription', 'Gold');
  assert.deepEqual(gold?.quota, { type: 'REQUESTCOUNTLIMIT', requestCount: 5000, timeUnit: 'min', unitTime: 1 });
  assert.equal((await second.plans.find('subscription', 'Unlimited'))?.quota, null);
});
