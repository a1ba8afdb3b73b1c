import { entry, key, operation } from '../../../packages/gateway/testing/entities.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls } from '../plans.ts';
import { apiPlan, operationPlan } from '../site.ts';

const mary = { claims: { sub: 'mary' } };
const john = { claims: { sub: 'john' } };
const stock = { path: '/stock/1.0.0/x' };
const desk = { client: 'client-2' };

/** Whom each level counts for (wso2-gateway.md 7.1, keys). */
export const planCases: readonly ThrottlingCase[] = [
  {
    id: 'subscription/each-application',
    section: 'WSO2 7.1',
    title: 'two applications on one plan share its quota',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admitsExactly(3, 'subscription');
      await world.admitsExactly(3, 'subscription', desk);
    },
  },
  {
    id: 'subscription/each-api',
    section: 'WSO2 7.1',
    title: 'two APIs with one plan share its quota',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admitsExactly(3, 'subscription');
      await world.admitsExactly(3, 'subscription', stock);
    },
  },
  {
    id: 'subscription/users-together',
    section: 'WSO2 7.1',
    title: 'each user of an application gets the whole subscription quota',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admits(2, mary);
      await world.admitsExactly(1, 'subscription', john);
      await world.refuses('subscription', mary);
    },
  },
  {
    id: 'subscription/keys-together',
    section: 'WSO2 7.1',
    title: 'production and sandbox keys of an application have a subscription quota each',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      await world.admits(2);
      await world.admitsExactly(1, 'subscription', { client: 'client-1-sandbox' });
    },
  },
  {
    id: 'subscription/tokens-together',
    section: 'WSO2 7.1',
    title: 'a fresh token brings a fresh quota',
    async play(world) {
      await world.serve({ subscription: { quota: calls(3) } });
      for (const jti of ['one', 'two', 'three']) await world.admits(1, { claims: { jti } });
      await world.refuses('subscription', { claims: { jti: 'four' } });
    },
  },
  {
    id: 'subscription/unlimited',
    section: 'WSO2 7.5',
    title: 'the plan Unlimited limits something',
    async play(world) {
      await world.serve({});
      const { headers } = await world.admits(30);
      for (const name of ['retry-after', 'ratelimit', 'ratelimit-policy']) assertAbsent(headers, name);
    },
  },
  {
    id: 'subscription/nothing-at-all',
    section: 'WSO2 7.4',
    title: 'a quota of no calls lets one pass, or promises a time at which one may',
    async play(world) {
      await world.serve({ subscription: { quota: calls(0) } });
      await world.refuses('subscription', {}, { until: null });
      world.clock.pass(60_000);
      await world.refuses('subscription');
    },
  },
  {
    id: 'subscription/beyond-the-quota',
    section: 'WSO2 7.1',
    title: 'stopOnQuotaReach false stops calls beyond the quota',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2), stopOnQuotaReach: false } });
      await world.admits(6);
    },
  },
  {
    id: 'subscription/beyond-the-burst',
    section: 'WSO2 7.1',
    title: 'stopOnQuotaReach false stops calls beyond the burst',
    async play(world) {
      await world.serve({ subscription: { burst: { count: 2, timeUnit: 'min' }, stopOnQuotaReach: false } });
      await world.admits(6);
    },
  },
  {
    id: 'subscription/beyond-the-quota-not-the-application',
    section: 'issue 5.1',
    title: 'calls that pass a quota that does not stop them pass the application plan too',
    async play(world) {
      await world.serve({
        subscription: { quota: calls(2), stopOnQuotaReach: false },
        application: { quota: calls(5) },
      });
      await world.admitsExactly(5, 'application');
    },
  },
  {
    id: 'subscription/beyond-the-quota-not-the-backend',
    section: 'issue 5.1',
    title: 'calls that pass a quota that does not stop them pass maxTps too',
    async play(world) {
      await world.serve({
        subscription: { quota: calls(2), stopOnQuotaReach: false },
        api: { maxTps: { production: { count: 4, timeUnit: 'min' } } },
      });
      await world.admitsExactly(4, 'hard');
    },
  },
  {
    id: 'application/each-user',
    section: 'WSO2 7.1',
    title: 'users of one application share the quota of its plan',
    async play(world) {
      await world.serve({ application: { quota: calls(3) } });
      await world.admitsExactly(3, 'application', mary);
      await world.admitsExactly(3, 'application', john);
    },
  },
  {
    id: 'application/user-of-the-organization',
    section: 'WSO2 7.1',
    title: 'a user with the name of the organization behind it counts as another one',
    async play(world) {
      await world.serve({ application: { quota: calls(3) } });
      await world.admits(2, mary);
      await world.admitsExactly(1, 'application', { claims: { sub: 'mary@carbon.super' } });
    },
  },
  {
    id: 'application/over-apis',
    section: 'WSO2 7.1',
    title: 'the quota of an application plan is counted by API',
    async play(world) {
      await world.serve({ application: { quota: calls(3) } });
      await world.admits(2);
      await world.admitsExactly(1, 'application', stock);
      await world.refuses('application');
    },
  },
  {
    id: 'application/each-application',
    section: 'WSO2 7.1',
    title: 'one user of two applications has one quota for both',
    async play(world) {
      await world.serve({ application: { quota: calls(3) } });
      await world.admitsExactly(3, 'application', mary);
      await world.admitsExactly(3, 'application', { ...mary, ...desk });
    },
  },
  {
    id: 'application/keys-together',
    section: 'WSO2 7.1',
    title: 'production and sandbox keys of an application have a quota each',
    async play(world) {
      await world.serve({ application: { quota: calls(3) } });
      await world.admits(2);
      await world.admitsExactly(1, 'application', { client: 'client-1-sandbox' });
    },
  },
  {
    id: 'application/second-client',
    section: 'WSO2 7.1',
    title: 'a second client of the same application has a quota of its own',
    async play(world) {
      await world.serve({
        application: { quota: calls(3) },
        more: [entry.key(key({ consumerKey: 'client-1b' }))],
      });
      await world.admits(2, mary);
      await world.admitsExactly(1, 'application', { ...mary, client: 'client-1b' });
    },
  },
  {
    id: 'api/all-callers-together',
    section: 'WSO2 7.1',
    title: 'each application gets the whole quota of an API',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(3) } });
      await world.admits(1, mary);
      await world.admits(1, desk);
      await world.admitsExactly(1, 'api', { client: 'client-1-sandbox' });
      await world.refuses('api', desk);
    },
  },
  {
    id: 'api/operations-together',
    section: 'WSO2 7.1',
    title: 'the quota of an API is counted by operation',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(3) } });
      await world.admits(1, { path: '/orders/1.0.0/a' });
      await world.admits(1, { path: '/orders/1.0.0/b', method: 'POST' });
      await world.admitsExactly(1, 'api', { method: 'DELETE' });
    },
  },
  {
    id: 'api/each-api',
    section: 'WSO2 7.1',
    title: 'two APIs with one advanced plan share its quota',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(3) } });
      await world.admitsExactly(3, 'api');
      await world.admitsExactly(3, 'api', stock);
    },
  },
  {
    id: 'api/each-version',
    section: 'WSO2 7.1',
    title: 'two versions of an API share its quota',
    async play(world) {
      await world.serve({
        apiPlan: { quota: calls(3) },
        stock: { name: 'orders', version: '2.0.0', basePath: '/orders/2.0.0' },
      });
      await world.admitsExactly(3, 'api');
      await world.admitsExactly(3, 'api', { path: '/orders/2.0.0/x' });
    },
  },
  {
    id: 'api/default-version-path',
    section: 'WSO2 7.1',
    title: 'calls without the version in their path have a quota of their own',
    async play(world) {
      await world.serve({
        apiPlan: { quota: calls(3) },
        api: { defaultBasePath: '/orders' },
        stock: { defaultBasePath: null },
      });
      await world.admits(2);
      await world.admitsExactly(1, 'api', { path: '/orders/x' });
    },
  },
  {
    id: 'api/instead-of-operations',
    section: 'WSO2 7.1',
    title: 'the plans of operations are held although the API has one',
    async play(world) {
      await world.serve({ apiPlan: { quota: calls(5) }, operationPlan: { quota: calls(2) } });
      await world.admitsExactly(5, 'api');
    },
  },
  {
    id: 'api/unlimited-leaves-it-to-operations',
    section: 'WSO2 7.1',
    title: 'an API on the plan Unlimited ignores the plans of its operations',
    async play(world) {
      await world.serve({ operationPlan: { quota: calls(2) }, api: { apiThrottlingPolicy: 'Unlimited' } });
      await world.admitsExactly(2, 'operation');
    },
  },
  {
    id: 'operation/each-verb',
    section: 'WSO2 7.1',
    title: 'two verbs of one resource share a quota',
    async play(world) {
      await world.serve({ operationPlan: { quota: calls(2) } });
      await world.admitsExactly(2, 'operation');
      await world.admitsExactly(2, 'operation', { method: 'POST' });
    },
  },
  {
    id: 'operation/paths-of-one-template',
    section: 'WSO2 7.1',
    title: 'each path that fits a template brings a fresh quota',
    async play(world) {
      await world.serve({
        operationPlan: { quota: calls(2) },
        api: { operations: [operation('GET', '/items/{id}', { throttlingPolicy: operationPlan })] },
      });
      await world.admits(1, { path: '/orders/1.0.0/items/1' });
      await world.admits(1, { path: '/orders/1.0.0/items/2' });
      await world.refuses('operation', { path: '/orders/1.0.0/items/3' });
    },
  },
  {
    id: 'operation/each-resource',
    section: 'WSO2 7.1',
    title: 'two resources with one plan share its quota',
    async play(world) {
      const limited = { throttlingPolicy: operationPlan };
      await world.serve({
        operationPlan: { quota: calls(2) },
        api: { operations: [operation('GET', '/a', limited), operation('GET', '/b', limited), operation('GET', '/c')] },
      });
      await world.admitsExactly(2, 'operation', { path: '/orders/1.0.0/a' });
      await world.admitsExactly(2, 'operation', { path: '/orders/1.0.0/b' });
      await world.admits(5, { path: '/orders/1.0.0/c' });
    },
  },
  {
    id: 'operation/all-callers-together',
    section: 'WSO2 7.1',
    title: 'each application gets the whole quota of an operation',
    async play(world) {
      await world.serve({ operationPlan: { quota: calls(2) } });
      await world.admits(1);
      await world.admitsExactly(1, 'operation', desk);
    },
  },
  {
    id: 'operation/each-api',
    section: 'WSO2 7.1',
    title: 'the same resource of two APIs shares a quota',
    async play(world) {
      await world.serve({ operationPlan: { quota: calls(2) } });
      await world.admitsExactly(2, 'operation');
      await world.admitsExactly(2, 'operation', stock);
    },
  },
  {
    id: 'api/plan-of-another-kind',
    section: 'WSO2 7.4',
    title: 'a business plan of the same name limits an API',
    async play(world) {
      await world.serve({
        subscription: { quota: calls(3) },
        api: { apiThrottlingPolicy: apiPlan },
        apiPlan: { quota: calls(2) },
      });
      await world.admitsExactly(2, 'api');
    },
  },
];

function assertAbsent(headers: Readonly<Record<string, unknown>>, name: string): void {
  if (headers[name] !== undefined) throw new Error(`an unlimited call is told ${name}: ${headers[name]}`);
}
