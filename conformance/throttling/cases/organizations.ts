import {
  application,
  deployedApi,
  entry,
  leaf,
  operation,
  subscription,
} from '../../../packages/gateway/testing/entities.ts';
import type { ThrottlingCase } from '../case.ts';
import { burst, calls, plan } from '../plans.ts';
import { apiPlan, denial, eachUser, methods, planEntry, tested } from '../site.ts';
import type { World } from '../world.ts';

const theirs = 'other.example';
const there = { client: 'client-2', path: '/t/other.example/orders/1.0.0/x', claims: { sub: 'mary@other.example' } };

/** Moves the second application to another organization, with an API of its own there that has the plans of the first one's names. */
async function moveIn(world: World, { apiThrottlingPolicy = null as string | null } = {}): Promise<void> {
  const { url } = world.backend;
  await world.put(
    entry.api(
      deployedApi({
        id: 'api-9',
        organization: theirs,
        basePath: '/t/other.example/orders/1.0.0',
        apiThrottlingPolicy,
        operations: methods.map((method) => operation(method, '/*')),
        endpoints: { production: leaf(url), sandbox: null },
      }),
    ),
    entry.application(application({ id: 'app-2', organization: theirs, name: 'desk', owner: 'mary', plan: tested })),
    entry.subscription(subscription({ id: 'theirs', apiId: 'api-9', applicationId: 'app-2', plan: tested })),
  );
}

function theirPlan(kind: 'subscription' | 'application' | 'advanced', name: string, amount: number) {
  return planEntry({
    ...plan(kind, name, { quota: calls(amount) }),
    id: `theirs-${kind}-${name}`,
    organization: theirs,
  });
}

/** Organizations beside each other: plans of one name are not one plan. */
export const organizationCases: readonly ThrottlingCase[] = [
  {
    id: 'organizations/business-plans',
    section: 'WSO2 7.1',
    title: 'a business plan of one organization holds in another that has one of the same name',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2) } });
      await moveIn(world);
      await world.put(theirPlan('subscription', tested, 4));
      await world.admitsExactly(2, 'subscription');
      await world.admitsExactly(4, 'subscription', there);
    },
  },
  {
    id: 'organizations/application-plans',
    section: 'WSO2 7.1',
    title: 'an application plan of one organization holds in another that has one of the same name',
    async play(world) {
      await world.serve({ application: { quota: calls(2) } });
      await moveIn(world);
      await world.put(theirPlan('application', tested, 4));
      await world.admitsExactly(2, 'application');
      await world.admitsExactly(4, 'application', there);
    },
  },
  {
    id: 'organizations/advanced-plans',
    section: 'WSO2 7.1',
    title: 'an advanced plan of one organization holds in another that has one of the same name',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(2) } });
      await moveIn(world, { apiThrottlingPolicy: apiPlan });
      await world.put(theirPlan('advanced', apiPlan, 4));
      await world.admitsExactly(2, 'api');
      await world.admitsExactly(4, 'api', there);
    },
  },
  {
    id: 'organizations/rules-are-for-all',
    section: 'WSO2 7.4',
    title: 'a custom rule of the super organization does not hold in another',
    async play(world) {
      await world.serve({ rules: [{ siddhiQuery: eachUser(3) }] });
      await moveIn(world);
      await world.admitsExactly(3, 'custom', there);
      await world.admitsExactly(3, 'custom');
    },
  },
  {
    id: 'organizations/denied-user',
    section: 'WSO2 7.6',
    title: 'a user is shut out for one of the same name in another organization',
    async play(world) {
      await world.serve({ more: [denial({ type: 'USER', value: 'mary@other.example' }, 'theirs', theirs)] });
      await moveIn(world);
      await world.refuses('denied', there);
      await world.admits(1, { claims: { sub: 'mary' } });
    },
  },
  {
    id: 'organizations/denied-address',
    section: 'WSO2 7.6',
    title: 'an address that one organization denies is served there',
    async play(world) {
      await world.serve({ more: [denial({ type: 'IP', address: '127.0.0.1', invert: false }, 'theirs', theirs)] });
      await moveIn(world);
      await world.refuses('denied', there);
      await world.admits(1);
    },
  },
  {
    id: 'organizations/plan-of-the-other-alone',
    section: 'WSO2 7.1',
    title: 'a plan that only another organization has is held here',
    async play(world) {
      await world.serve({ api: { apiThrottlingPolicy: apiPlan } });
      await world.put(theirPlan('advanced', apiPlan, 1));
      await world.admits(4);
    },
  },
  {
    id: 'organizations/burst-of-the-other',
    section: 'WSO2 7.1',
    title: 'a plan of another organization adds its burst to one of the same name',
    async play(world) {
      await world.serve({ subscription: { quota: calls(5) } });
      await world.put(
        planEntry({ ...plan('subscription', tested, { burst: burst(1) }), id: 'theirs', organization: theirs }),
      );
      await world.admitsExactly(5, 'subscription');
    },
  },
];
