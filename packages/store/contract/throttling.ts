import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fixture } from './contract.ts';
import { rejectsConflict } from './expect.ts';
import {
  sampleApi,
  sampleApplication,
  sampleCustomRule,
  sampleDenyPolicy,
  sampleDeployment,
  sampleRevision,
  sampleSubscription,
  unique,
} from './samples.ts';

export function throttlingContract(fixture: Fixture): void {
  const tenant = () => fixture.store.organization(unique('org'));

  test('a deny policy is there once for each condition, however long and in whatever order it is written', async () => {
    const store = tenant();
    const { organization } = store;
    const range = { type: 'IPRANGE', first: '10.0.0.1', last: '10.0.0.9', invert: false } as const;
    const policy = sampleDenyPolicy(organization, { condition: range });
    await store.denyPolicies.create(policy);
    const again = { last: '10.0.0.9', invert: false, first: '10.0.0.1', type: 'IPRANGE' } as const;
    await rejectsConflict(
      store.denyPolicies.create(sampleDenyPolicy(organization, { condition: again })),
      'deny-policy',
    );
    const inverted = sampleDenyPolicy(organization, { condition: { ...range, invert: true } });
    await store.denyPolicies.create(inverted);
    const long = sampleDenyPolicy(organization, { condition: { type: 'API', value: `/${'x'.repeat(600)}` } });
    await store.denyPolicies.create(long);
    const ids = (await store.denyPolicies.list()).map(({ id }) => id);
    assert.deepEqual(ids, [policy.id, inverted.id, long.id].sort());
    const off = { ...policy, enabled: false };
    assert.equal(await store.denyPolicies.update(off), true);
    assert.deepEqual(await store.denyPolicies.get(policy.id), off);
    assert.equal(await store.denyPolicies.remove(policy.id), true);
    assert.equal(await store.denyPolicies.remove(policy.id), false);
    assert.equal(await store.denyPolicies.update(policy), false);
    await store.denyPolicies.create(policy);
  });

  test('the name of a custom rule is taken once', async () => {
    const store = tenant();
    const rule = sampleCustomRule(store.organization, { name: 'Five' });
    await store.customRules.create(rule);
    await rejectsConflict(
      store.customRules.create(sampleCustomRule(store.organization, { name: 'Five' })),
      'custom-rule-name',
    );
    await store.customRules.create(sampleCustomRule(store.organization, { name: 'Eight' }));
    assert.deepEqual(
      (await store.customRules.list()).map(({ name }) => name),
      ['Eight', 'Five'],
    );
    const changed = { ...rule, keyTemplate: '$apiContext' };
    assert.equal(await store.customRules.update(changed), true);
    assert.deepEqual(await store.customRules.find('Five'), changed);
    assert.equal(await store.customRules.remove(rule.id), true);
    assert.equal(await store.customRules.update(rule), false);
  });

  test('who uses a plan is found among applications, subscriptions, APIs and deployed revisions, and nobody else', async () => {
    const store = tenant();
    const { organization } = store;
    // Names that mean something to a pattern, or to the other names.
    const name = '50%_"fast"';
    const other = '50%_"faster"';
    const operation = (throttlingPolicy: string) =>
      ({ target: '/*', verb: 'GET', authType: 'Any', throttlingPolicy, scopes: [] }) as const;
    assert.deepEqual(await store.plans.uses('subscription', name, 9), []);

    const api = sampleApi(organization, { name: 'Orders', policies: [name], operations: [operation(other)] });
    await store.apis.create(api, '');
    const bystander = sampleApi(organization, { description: name, tags: [name], policies: [other] });
    await store.apis.create(bystander, '');
    const application = sampleApplication(organization, { name: 'Shop', throttlingPolicy: name, owner: 'dave' });
    await store.applications.create(application);
    await store.subscriptions.create(sampleSubscription(api, application, { id: 's1', plan: name }));
    assert.deepEqual(await store.plans.uses('subscription', name, 9), [
      { what: 'subscription', name: 's1 of dave' },
      { what: 'API', name: 'Orders 1.0.0' },
    ]);
    assert.deepEqual(await store.plans.uses('subscription', name, 1), [{ what: 'subscription', name: 's1 of dave' }]);
    assert.deepEqual(await store.plans.uses('application', name, 9), [{ what: 'application', name: 'Shop of dave' }]);
    assert.deepEqual(await store.plans.uses('application', other, 9), []);
    assert.deepEqual(await store.plans.uses('advanced', name, 9), []);
    assert.deepEqual(await store.plans.uses('advanced', other, 9), [{ what: 'API', name: 'Orders 1.0.0' }]);

    const frozen = sampleRevision(bystander, { api: { ...bystander, name: 'Bills', apiThrottlingPolicy: name } });
    const revision = await store.revisions.create(frozen);
    assert.deepEqual(await store.plans.uses('advanced', name, 9), []);
    await store.deployments.put(sampleDeployment(revision));
    assert.deepEqual(await store.plans.uses('advanced', name, 9), [
      { what: 'API', name: 'Bills 1.0.0 (deployed revision 1)' },
    ]);
  });
}
