import { application, entry, subscription } from '../../../packages/gateway/testing/entities.ts';
import type { ThrottlingCase } from '../case.ts';
import { burst, calls, data, plan } from '../plans.ts';
import { apiPlan, eachUser, operationPlan, ordersApi, planEntry, type Site, tested } from '../site.ts';

/** Plans, revisions and subscriptions that change while calls are counted (issue 5, item 2). */
export const changeCases: readonly ThrottlingCase[] = [
  ...(
    [
      ['subscription', 'subscription', tested, { subscription: { quota: calls(3) } }],
      ['application', 'application', tested, { application: { quota: calls(3) } }],
      ['api', 'advanced', apiPlan, { apiPlan: { quota: calls(3) } }],
      ['operation', 'advanced', operationPlan, { operationPlan: { quota: calls(3) } }],
    ] as const
  ).map(
    ([level, kind, name, site]): ThrottlingCase => ({
      id: `changes/raised-${level}`,
      section: 'issue 5.2',
      title: `a raised limit of the level ${level} forgets what was counted, or has no effect`,
      async play(world) {
        await world.serve(site as Site);
        await world.admitsExactly(3, level);
        await world.put(planEntry(plan(kind, name, { quota: calls(7) })));
        await world.admitsExactly(4, level, {}, { until: '2026-06-10T12:01:00Z' });
        world.clock.pass(60_000);
        await world.admitsExactly(7, level);
      },
    }),
  ),
  {
    id: 'changes/of-the-call',
    section: 'issue 5.1',
    title: 'a client that changes between kinds of calls is counted where its call before was',
    async play(world) {
      const elsewhere = { from: '127.0.0.2' };
      const addresses = { type: 'IPSPECIFIC', address: elsewhere.from } as const;
      const conditions = [{ type: 'IPCONDITION', invert: false, addresses } as const];
      const group = { description: '', conditions, quota: calls(7) };
      await world.serve({
        operationPlan: { quota: calls(9), conditionalGroups: [group] },
        rules: [{ siddhiQuery: eachUser(1000) }],
      });
      const posts = { method: 'POST' };
      const kinds = [{}, posts, elsewhere, { client: 'client-1-sandbox' }];
      for (const kind of kinds) await world.admits(3, kind);
      for (const kind of kinds) await world.admits(1, kind);
      await world.admitsExactly(1, 'operation');
      await world.admitsExactly(5, 'operation', posts);
      await world.admitsExactly(3, 'operation', elsewhere);
    },
  },
  {
    id: 'changes/lowered',
    section: 'issue 5.2',
    title: 'a lowered limit lets calls pass that are beyond it',
    async play(world) {
      await world.serve({ subscription: { quota: calls(8) } });
      await world.admits(4);
      await world.put(planEntry(plan('subscription', tested, { quota: calls(5) })));
      await world.admitsExactly(1, 'subscription');
    },
  },
  {
    id: 'changes/lowered-below-the-count',
    section: 'issue 5.2',
    title: 'a limit lowered below what was counted lets further calls pass',
    async play(world) {
      await world.serve({ subscription: { quota: calls(800) } });
      await world.admits(6);
      await world.put(planEntry(plan('subscription', tested, { quota: calls(3) })));
      await world.refuses('subscription', {}, { until: '2026-06-10T12:01:00Z' });
      world.clock.pass(60_000);
      await world.admitsExactly(3, 'subscription');
    },
  },
  {
    id: 'changes/down-and-up',
    section: 'issue 5.2',
    title: 'a limit that goes down and up again gives calls away',
    async play(world) {
      await world.serve({ subscription: { quota: calls(5) } });
      await world.admits(2);
      await world.put(planEntry(plan('subscription', tested, { quota: calls(1) })));
      await world.refuses('subscription');
      await world.put(planEntry(plan('subscription', tested, { quota: calls(5) })));
      await world.admitsExactly(3, 'subscription');
    },
  },
  {
    id: 'changes/raised-burst',
    section: 'issue 5.2',
    title: 'a raised burst forgets what was counted',
    async play(world) {
      await world.serve({ subscription: { burst: burst(2, 'min') } });
      await world.admitsExactly(2, 'subscriptionBurst');
      await world.put(planEntry(plan('subscription', tested, { burst: burst(5, 'min') })));
      await world.admitsExactly(3, 'subscriptionBurst');
    },
  },
  {
    id: 'changes/raised-backend-bound',
    section: 'issue 5.2',
    title: 'a revision with a higher maxTps forgets what was counted',
    async play(world) {
      const limited = (count: number): Site => ({ api: { maxTps: { production: { count, timeUnit: 'min' } } } });
      await world.serve(limited(2));
      await world.admitsExactly(2, 'hard');
      await world.put(entry.api({ ...ordersApi(world.backend.url, limited(5)), revisionId: 'revision-2' }));
      await world.admitsExactly(3, 'hard');
    },
  },
  {
    id: 'changes/another-window',
    section: 'issue 5.2',
    title: 'a plan with another window holds the old one',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2) } });
      await world.admitsExactly(2, 'subscription');
      await world.put(planEntry(plan('subscription', tested, { quota: calls(4, 'hour') })));
      await world.admitsExactly(4, 'subscription', {}, { until: '2026-06-10T13:00:00Z' });
    },
  },
  {
    id: 'changes/another-measure',
    section: 'issue 5.2',
    title: 'a plan that now counts bytes still counts calls',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2) } });
      await world.admitsExactly(2, 'subscription');
      await world.put(planEntry(plan('subscription', tested, { quota: data(1, 'KB') })));
      await world.admits(3, { method: 'POST', body: 'b'.repeat(341) });
      await world.refuses('subscription', { method: 'POST', body: 'bb' });
    },
  },
  {
    id: 'changes/unlimited-and-back',
    section: 'issue 5.2',
    title: 'a plan that is unlimited for a while begins anew within its window',
    async play(world) {
      await world.serve({ subscription: { quota: calls(4) } });
      await world.admits(3);
      await world.put(planEntry(plan('subscription', tested)));
      await world.admits(5);
      await world.put(planEntry(plan('subscription', tested, { quota: calls(4) })));
      await world.admitsExactly(1, 'subscription');
    },
  },
  {
    id: 'changes/stop-on-quota-reach',
    section: 'issue 5.2',
    title: 'stopOnQuotaReach has no effect once calls are refused',
    async play(world) {
      await world.serve({ subscription: { quota: calls(2) } });
      await world.admitsExactly(2, 'subscription');
      await world.put(planEntry(plan('subscription', tested, { quota: calls(2), stopOnQuotaReach: false })));
      await world.admits(3);
      await world.put(planEntry(plan('subscription', tested, { quota: calls(2) })));
      await world.refuses('subscription');
    },
  },
  {
    id: 'changes/another-business-plan',
    section: 'WSO2 7.1',
    title: 'a subscription that changes to another plan keeps the counts of the old one',
    async play(world) {
      await world.serve({
        subscription: { quota: calls(2) },
        more: [planEntry(plan('subscription', 'larger', { quota: calls(4) }))],
      });
      await world.admitsExactly(2, 'subscription');
      await world.put(entry.subscription(subscription({ id: 'subscription-1-1', plan: 'larger' })));
      await world.admitsExactly(4, 'subscription');
      await world.put(entry.subscription(subscription({ id: 'subscription-1-1', plan: tested })));
      await world.refuses('subscription');
    },
  },
  {
    id: 'changes/another-application-plan',
    section: 'WSO2 7.1',
    title: 'an application that changes its plan is held to the old one',
    async play(world) {
      await world.serve({
        application: { quota: calls(2) },
        more: [planEntry(plan('application', 'larger', { quota: calls(9) }))],
      });
      await world.admitsExactly(2, 'application');
      await world.put(entry.application(application({ plan: 'larger' })));
      await world.admitsExactly(7, 'application');
    },
  },
  {
    id: 'changes/another-revision',
    section: 'issue 5.2',
    title: 'a further revision of an API begins all counts anew',
    async play(world) {
      const site: Site = {
        apiPlan: { quota: calls(4) },
        subscription: { quota: calls(9) },
        application: { quota: calls(9) },
      };
      await world.serve(site);
      for (let revision = 2; revision <= 4; revision++) {
        await world.admits(1);
        await world.put(entry.api({ ...ordersApi(world.backend.url, site), revisionId: `revision-${revision}` }));
      }
      await world.admitsExactly(1, 'api');
    },
  },
  {
    id: 'changes/operations-of-another-revision',
    section: 'issue 5.2',
    title: 'a further revision begins the counts of its operations anew',
    async play(world) {
      const site: Site = { operationPlan: { quota: calls(3) } };
      await world.serve(site);
      await world.admits(2);
      await world.put(entry.api({ ...ordersApi(world.backend.url, site), revisionId: 'revision-2' }));
      await world.admitsExactly(1, 'operation');
    },
  },
  {
    id: 'changes/away-and-back',
    section: 'issue 5.2',
    title: 'an API that is taken away and deployed again begins its counts anew',
    async play(world) {
      const site: Site = { apiPlan: { quota: calls(3) } };
      await world.serve(site);
      await world.admits(2);
      await world.remove('api', 'api-1');
      await world.put(entry.api(ordersApi(world.backend.url, site)));
      await world.admitsExactly(1, 'api');
    },
  },
  {
    id: 'changes/plan-comes-later',
    section: 'issue 5.2',
    title: 'a plan that reaches the gateway after what has it never holds',
    async play(world) {
      await world.serve({ api: { apiThrottlingPolicy: apiPlan } });
      await world.put(planEntry(plan('advanced', apiPlan, { quota: calls(2) })));
      await world.admitsExactly(2, 'api');
    },
  },
];
