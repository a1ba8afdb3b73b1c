import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '@sluice/model';
import { people, startControlPlane } from '../testing/control-plane.ts';
import { developer, type Portals, startPortals } from '../testing/portals.ts';
import { defaultPlanSettings } from './offered.ts';
import { planPermitted } from './permitted.ts';

const withdrawn = { ...defaultPlanSettings, unlimited: false };

test('permissions name roles whatever their case, and nobody is shut out without them', () => {
  const plan = (permissions?: Plan['permissions']) => ({ ...(permissions ? { permissions } : {}) }) as Plan;
  assert.equal(planPermitted(plan(), []), true);
  assert.equal(planPermitted(plan({ type: 'ALLOW', roles: ['Boss'] }), ['boss', 'x']), true);
  assert.equal(planPermitted(plan({ type: 'ALLOW', roles: ['Boss'] }), ['x']), false);
  assert.equal(planPermitted(plan({ type: 'DENY', roles: ['Boss'] }), ['BOSS']), false);
  assert.equal(planPermitted(plan({ type: 'DENY', roles: ['Boss'] }), []), true);
});

async function withPortals(options: Parameters<typeof startPortals>[0], work: (portals: Portals) => Promise<void>) {
  const portals = await startPortals(options);
  try {
    await work(portals);
  } finally {
    await portals.close();
  }
}

test('a plan that an administrator made for some roles is shown and given to them alone', async () => {
  await withPortals({}, async (portals) => {
    const limit = {
      type: 'REQUESTCOUNTLIMIT',
      requestCount: { timeUnit: 'hour', unitTime: 2, requestCount: 30 },
    };
    const made = await portals.admin('POST', '/throttling/policies/subscription', {
      body: {
        ...{ policyName: 'Partners', displayName: 'For partners', defaultLimit: limit, stopOnQuotaReach: true },
        ...{ customAttributes: [{ name: 'support', value: 'mail' }], billingPlan: 'COMMERCIAL' },
        permissions: { permissionType: 'ALLOW', roles: ['Partner'] },
      },
    });
    assert.equal(made.status, 201);
    const roles = ['Internal/subscriber', 'partner'];
    await portals.keyManager.users.create({ username: 'pia', password: 'secret-6', roles });
    const api = await portals.addApi({ policies: ['Partners', 'Gold'] });
    for (const [as, status, seen] of [
      ['pia:secret-6', 201, true],
      [developer, 403, false],
    ] as const) {
      const names = async (path: string) => {
        const { body } = await portals.devportal('GET', path, { as });
        return (body.list ?? body).map(({ name }: { name: string }) => name);
      };
      assert.equal((await names('/throttling-policies/subscription')).includes('Partners'), seen);
      assert.equal((await names(`/apis/${api.id}/subscription-policies`)).includes('Partners'), seen);
      const one = await portals.devportal('GET', '/throttling-policies/subscription/Partners', { as });
      assert.equal(one.status, seen ? 200 : 404);
      if (seen) {
        const { requestCount, unitTime, timeUnit, tierPlan, attributes, throttlingPolicyPermissions } = one.body;
        assert.deepEqual([requestCount, unitTime, timeUnit, tierPlan], [30, 2, 'hour', 'COMMERCIAL']);
        assert.deepEqual(attributes, { support: 'mail' });
        assert.deepEqual(throttlingPolicyPermissions, { type: 'allow', roles: ['Partner'] });
      }
      const { body } = await portals.devportal('GET', `/apis/${api.id}`, { as });
      assert.equal(JSON.stringify(body.tiers).includes('Partners'), seen);
      const application = await portals.devportal('POST', '/applications', {
        ...{ as, body: { name: 'Caller', throttlingPolicy: 'Unlimited' } },
      });
      const { applicationId } = application.body;
      const subscription = await portals.devportal('POST', '/subscriptions', {
        ...{ as, body: { applicationId, apiId: api.id, throttlingPolicy: 'Partners' } },
      });
      assert.equal(subscription.status, status);
    }
  });
});

test('Unlimited that is withdrawn is neither shown nor given, but kept by who has it', async () => {
  await withPortals({ plans: withdrawn }, async (portals) => {
    const as = developer;
    for (const kind of ['application', 'subscription', 'advanced']) {
      const { body } = await portals.admin('GET', `/throttling/policies/${kind}`);
      assert.equal(JSON.stringify(body).includes('"Unlimited"'), false, kind);
    }
    const { body: applicationPlans } = await portals.devportal('GET', '/throttling-policies/application', { as });
    assert.deepEqual(
      applicationPlans.list.map(({ name }: { name: string }) => name),
      ['10PerMin', '20PerMin', '50PerMin'],
    );
    const { body: applications } = await portals.devportal('GET', '/applications', { as });
    assert.deepEqual(
      applications.list.map(({ name, throttlingPolicy }: Record<string, string>) => [name, throttlingPolicy]),
      [['DefaultApplication', '50PerMin']],
    );
    const refused = await portals.devportal('POST', '/applications', {
      ...{ as, body: { name: 'Boundless', throttlingPolicy: 'Unlimited' } },
    });
    assert.deepEqual([refused.status, refused.body.code], [400, 900305]);

    const { applicationId } = applications.list[0];
    const application = await portals.organization.applications.get(applicationId);
    assert.ok(application);
    await portals.organization.applications.update({ ...application, throttlingPolicy: 'Unlimited' });
    const kept = await portals.devportal('PUT', `/applications/${applicationId}`, {
      ...{ as, body: { name: 'Renamed', throttlingPolicy: 'Unlimited' } },
    });
    assert.equal(kept.status, 200);

    const api = await portals.addApi({ policies: ['Gold', 'Unlimited'] });
    const { body: offered } = await portals.devportal('GET', `/apis/${api.id}/subscription-policies`, { as });
    assert.deepEqual(
      offered.map(({ name }: { name: string }) => name),
      ['Gold'],
    );
    const subscription = await portals.devportal('POST', '/subscriptions', {
      ...{ as, body: { applicationId, apiId: api.id, throttlingPolicy: 'Unlimited' } },
    });
    assert.deepEqual([subscription.status, subscription.body.code], [403, 902002]);
  });
});

test('publishers are offered what administrators made, by what it counts, and no withdrawn plan', async () => {
  const running = await startControlPlane({ plans: withdrawn });
  try {
    const admin = (kind: string, json: unknown) =>
      running.call('POST', `/api/am/admin/v4/throttling/policies/${kind}`, { as: people.admin, json, expect: 201 });
    const events = { type: 'EVENTCOUNTLIMIT', eventCount: { timeUnit: 'day', unitTime: 1, eventCount: 9 } };
    const bytes = {
      type: 'BANDWIDTHLIMIT',
      bandwidth: { timeUnit: 'day', unitTime: 1, dataAmount: 9, dataUnit: 'MB' },
    };
    await admin('subscription', { policyName: 'NinePerDay', defaultLimit: events });
    await admin('subscription', { policyName: 'NineMegabytes', defaultLimit: bytes });
    await admin('advanced', { policyName: 'NineMegabytesToo', defaultLimit: bytes });
    const names = async (path: string) => {
      const { body } = await running.publisher('GET', path, { expect: 200 });
      return body.list.map((plan: Record<string, string>) => plan.name ?? plan.policyName);
    };
    const business = await names('/throttling-policies/subscription?limit=100');
    assert.deepEqual(
      ['NineMegabytes', 'NinePerDay', 'Unlimited', 'Gold'].map((name) => business.includes(name)),
      [true, false, false, true],
    );
    const streaming = await names('/throttling-policies/streaming/subscription?limit=100');
    assert.deepEqual([streaming.includes('NinePerDay'), streaming.includes('NineMegabytes')], [true, false]);
    assert.ok((await names('/throttling-policies/api?limit=100')).includes('NineMegabytesToo'));
    const { body: one } = await running.publisher('GET', '/throttling-policies/api/NineMegabytesToo');
    assert.deepEqual([one.requestCount, one.dataUnit, one.quotaPolicyType], [9, 'MB', 'BANDWIDTHVOLUME']);
    const { body: settings } = await running.publisher('GET', '/settings');
    assert.deepEqual([settings.defaultAdvancePolicy, settings.defaultSubscriptionPolicy], ['50KPerMin', 'Gold']);

    const api = { name: 'Bounded', context: '/bounded', version: '1.0.0' };
    const refused = await running.publisher('POST', '/apis', { json: { ...api, policies: ['Unlimited'] } });
    assert.deepEqual([refused.status, refused.body.code], [400, 900305]);
    const policies = ['NineMegabytes'];
    const { body: made } = await running.publisher('POST', '/apis', { json: { ...api, policies }, expect: 201 });
    // Operations without a plan of their own stay as they are.
    assert.deepEqual(new Set(made.operations.map((each: Record<string, string>) => each.throttlingPolicy)).size, 1);
    const { body: own } = await running.publisher('GET', `/apis/${made.id}/subscription-policies`);
    assert.deepEqual(
      own.map((plan: Record<string, unknown>) => [plan.name, plan.requestCount]),
      [['NineMegabytes', 9]],
    );
    const stored = await running.organization.apis.get(made.id);
    assert.ok(stored);
    await running.organization.apis.update({ ...stored, policies: ['Unlimited'] });
    await running.publisher('PUT', `/apis/${made.id}`, { json: { ...made, policies: ['Unlimited'] }, expect: 200 });
  } finally {
    await running.close();
  }
});
