import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PlanKind } from '@sluice/model';
import { type Portals, startPortals } from '../testing/portals.ts';
import { seedOrganization } from './organization.ts';
import { seededPlans } from './plans.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

const vhost = { host: 'other', httpPort: 1, httpsPort: 2, wsPort: 3, wssPort: 4, httpContext: '' };
const namesOf = async (kind: PlanKind) => (await portals.organization.plans.list(kind)).map(({ name }) => name).sort();

test('a second start changes nothing: no row, no event, and what was removed stays removed', async () => {
  const gold = await portals.organization.plans.find('subscription', 'Gold');
  assert.ok(gold);
  await portals.organization.plans.remove(gold.id);
  const before = { plans: await namesOf('subscription'), head: await portals.store.system.feed.head() };
  await seedOrganization(portals.store, 'carbon.super', { vhost });
  assert.deepEqual({ plans: await namesOf('subscription'), head: await portals.store.system.feed.head() }, before);
  const environments = await portals.organization.environments.list();
  assert.deepEqual(
    environments.map(({ vhosts }) => vhosts[0]?.host),
    ['localhost'],
  );
});

test('every organization gets its own, and the gateways are told of each plan', async () => {
  const head = await portals.store.system.feed.head();
  await Promise.all([1, 2].map(() => seedOrganization(portals.store, 'second.example', { vhost })));
  const events = await portals.store.system.feed.after(head, 'Default', 1000);
  assert.equal(events.length, seededPlans.length);
  const second = portals.store.organization('second.example');
  assert.equal((await second.environments.find('Default'))?.vhosts[0]?.host, 'other');
  const gold = await second.plans.find('subscription', 'Gold');
  assert.deepEqual(gold?.quota, { type: 'REQUESTCOUNTLIMIT', requestCount: 5000, timeUnit: 'min', unitTime: 1 });
  assert.equal((await second.plans.find('subscription', 'Unlimited'))?.quota, null);
});
