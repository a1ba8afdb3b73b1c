import { operation } from '../../../packages/gateway/testing/entities.ts';
import type { ThrottlingCase } from '../case.ts';
import { calls, plan } from '../plans.ts';
import { operationPlan, planEntry, type Site } from '../site.ts';

const open: Site = {
  api: { operations: [operation('GET', '/*', { authType: 'None' }), operation('GET', '/closed')] },
};
const anonymous = { client: null };
const limited = planEntry(plan('subscription', 'Unauthenticated', { quota: calls(3) }));

/** Calls without a token: the plan Unauthenticated, with the address of the client in place of the application (wso2-gateway.md 6.4, 7.5). */
export const unauthenticatedCases: readonly ThrottlingCase[] = [
  {
    id: 'unauthenticated/by-address',
    section: 'WSO2 6.4',
    title: 'all anonymous callers share one quota',
    async play(world) {
      await world.serve({ ...open, more: [limited] });
      await world.admitsExactly(3, 'subscription', anonymous, { until: '2026-06-10T12:01:00Z' });
      await world.admitsExactly(3, 'subscription', { ...anonymous, from: '127.0.0.9' });
    },
  },
  {
    id: 'unauthenticated/each-api',
    section: 'WSO2 7.1',
    title: 'anonymous calls of two APIs share a quota',
    async play(world) {
      await world.serve({ ...open, more: [limited] });
      await world.admitsExactly(3, 'subscription', anonymous);
      await world.admitsExactly(3, 'subscription', { ...anonymous, path: '/stock/1.0.0/x' });
    },
  },
  {
    id: 'unauthenticated/not-with-a-token',
    section: 'WSO2 7.5',
    title: 'calls with a token are taken from the quota of those without',
    async play(world) {
      await world.serve({ ...open, more: [limited] });
      await world.admitsExactly(3, 'subscription', anonymous);
      await world.admits(5, { path: '/orders/1.0.0/closed' });
    },
  },
  {
    id: 'unauthenticated/not-in-the-picture',
    section: 'WSO2 7.5',
    title: 'anonymous calls are refused where nobody limits them',
    async play(world) {
      await world.serve(open);
      await world.admits(10, anonymous);
    },
  },
  {
    id: 'unauthenticated/other-levels',
    section: 'WSO2 7.1',
    title: 'anonymous calls pass the plans of operations and the bound of the backend',
    async play(world) {
      await world.serve({
        operationPlan: { quota: calls(3) },
        api: {
          operations: [operation('GET', '/*', { authType: 'None', throttlingPolicy: operationPlan })],
          maxTps: { production: { count: 2, timeUnit: 'sec' } },
        },
      });
      await world.admitsExactly(2, 'hard', anonymous);
      world.clock.pass(1000);
      await world.admitsExactly(1, 'operation', anonymous);
    },
  },
  {
    id: 'unauthenticated/forged-address',
    section: 'issue 5.1',
    title: 'an anonymous caller gets a fresh quota for each address in a header',
    async play(world) {
      await world.serve({ ...open, more: [limited] });
      for (let call = 1; call <= 3; call++) {
        await world.admits(1, { ...anonymous, headers: { 'x-forwarded-for': `10.0.0.${call}` } });
      }
      await world.refuses('subscription', { ...anonymous, headers: { 'x-forwarded-for': '10.0.0.4' } });
    },
  },
];
