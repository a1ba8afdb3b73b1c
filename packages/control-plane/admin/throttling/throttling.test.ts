import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStore } from '@sluice/store';
import { startPostgresql } from '@sluice/store/testing';
import { developer, type Portals, startPortals } from '../../testing/portals.ts';

type Body = Record<string, unknown>;

const perMinute = (requestCount: number) => ({
  type: 'REQUESTCOUNTLIMIT',
  requestCount: { timeUnit: 'min', unitTime: 1, requestCount },
});
const siddhiQuery = `FROM RequestStream SELECT userId, ( userId == 'mary@carbon.super' ) AS isEligible,
  str:concat('mary@carbon.super','') as throttleKey INSERT INTO EligibilityStream;
  FROM EligibilityStream[isEligible==true]#throttler:timeBatch(1 min)
  SELECT throttleKey, (count(userId) >= 5) as isThrottled, expiryTimeStamp group by throttleKey
  INSERT ALL EVENTS into ResultStream;`;

/** What must hold on both engines. */
function suite(engine: string, start: () => Promise<{ portals: Portals; stop(): Promise<void> }>): void {
  describe(engine, () => {
    let portals: Portals;
    let stop: () => Promise<void>;
    before(async () => {
      ({ portals, stop } = await start());
    });
    after(async () => {
      await portals?.close();
      await stop?.();
    });
    const policies = '/throttling/policies';
    const create = (kind: string, body: Body) => portals.admin('POST', `${policies}/${kind}`, { body });
    const eventsAfter = async (head: number) =>
      (await portals.store.system.feed.after(head, 'Default', 100)).map(({ kind, id, value }) => ({ kind, id, value }));
    const head = () => portals.store.system.feed.head();

    for (const [kind, extra] of [
      ['application', { burstLimit: { rateLimitCount: 3, rateLimitTimeUnit: 'sec' } }],
      ['subscription', { rateLimitCount: 3, rateLimitTimeUnit: 'min', graphQLMaxDepth: 5, customAttributes: [] }],
      ['advanced', { conditionalGroups: [] }],
    ] as const) {
      test(`a policy is made, read, listed, changed and removed, and gateways hear of each: ${kind}`, async () => {
        const before = await head();
        const made = await create(kind, { policyName: 'Mine', defaultLimit: perMinute(7), ...extra });
        assert.equal(made.status, 201);
        const path = `${policies}/${kind}/${made.body.policyId}`;
        assert.ok(made.headers.get('location')?.endsWith(`/api/am/admin/v4${path}`));
        assert.deepEqual((await portals.admin('GET', path)).body, made.body);
        const { conditionalGroups: _, ...info } = made.body;
        const { body: all } = await portals.admin('GET', `${policies}/${kind}`);
        assert.deepEqual(
          all.list.find(({ policyName }: Body) => policyName === 'Mine'),
          info,
        );

        assert.equal((await create(kind, { policyName: 'Mine', defaultLimit: perMinute(8) })).status, 409);
        const other = kind === 'advanced' ? 'application' : 'advanced';
        assert.equal((await portals.admin('GET', `${policies}/${other}/${made.body.policyId}`)).body.code, 900961);

        const changed = await portals.admin('PUT', path, {
          body: { policyName: 'Renamed', defaultLimit: perMinute(9) },
        });
        assert.deepEqual(
          [changed.status, changed.body.policyName, changed.body.defaultLimit.requestCount.requestCount],
          [200, 'Mine', 9],
        );
        const known = await portals.organization.plans.find(kind, 'Mine');
        assert.equal((await portals.admin('DELETE', path)).status, 200);
        for (const method of ['GET', 'PUT', 'DELETE']) {
          const body = method === 'PUT' ? { body: { policyName: 'Mine', defaultLimit: perMinute(1) } } : {};
          assert.equal((await portals.admin(method, path, body)).status, 404, method);
        }
        const events = await eventsAfter(before);
        assert.equal(events.length, 3);
        assert.deepEqual(events.slice(1), [
          { kind: 'plan', id: made.body.policyId, value: known },
          { kind: 'plan', id: made.body.policyId, value: null },
        ]);
      });
    }

    test('a policy in use stays, and the answer says who uses it', async () => {
      for (const kind of ['application', 'subscription', 'advanced']) {
        assert.equal((await create(kind, { policyName: 'Used', defaultLimit: perMinute(7) })).status, 201);
      }
      const api = await portals.addApi({ name: 'Uses', policies: ['Used'], apiThrottlingPolicy: 'Used' });
      const application = await portals.devportal('POST', '/applications', {
        ...{ as: developer, body: { name: 'User', throttlingPolicy: 'Used' } },
      });
      const { applicationId } = application.body;
      const { body: subscription } = await portals.devportal('POST', '/subscriptions', {
        ...{ as: developer, body: { applicationId, apiId: api.id, throttlingPolicy: 'Used' } },
      });
      const remove = async (kind: 'application' | 'subscription' | 'advanced') => {
        const plan = await portals.organization.plans.find(kind, 'Used');
        return portals.admin('DELETE', `${policies}/${kind}/${plan?.id}`);
      };
      const subscriber = await remove('subscription');
      assert.deepEqual([subscriber.status, subscriber.body.code], [403, 900971]);
      assert.match(subscriber.body.description, new RegExp(`the subscription ${subscription.subscriptionId} of dora`));
      assert.match((await remove('application')).body.description, /used by the application User of dora\./);
      assert.match((await remove('advanced')).body.description, /used by the API Uses 1\.0\.0\./);

      const path = `/subscriptions/${subscription.subscriptionId}`;
      await portals.devportal('DELETE', path, { as: developer });
      assert.match((await remove('subscription')).body.description, /used by the API Uses 1\.0\.0\./);
      await portals.organization.apis.remove(api.id);
      assert.equal((await remove('subscription')).status, 200);
      assert.equal((await remove('advanced')).status, 200);
    });

    test('a deny policy is made once, switched and removed, and gateways hear of each', async () => {
      const before = await head();
      const body = { conditionType: 'USER', conditionValue: 'mallory' };
      const made = await portals.admin('POST', '/throttling/deny-policies', { body });
      assert.equal(made.status, 201);
      const view = { ...made.body };
      assert.deepEqual(view, {
        conditionId: view.conditionId,
        conditionType: 'USER',
        conditionValue: 'mallory@carbon.super',
        conditionStatus: true,
      });
      const path = `/throttling/deny-policy/${view.conditionId}`;
      assert.ok(made.headers.get('location')?.endsWith(`/api/am/admin/v4${path}`));
      const again = { ...body, conditionValue: 'mallory@carbon.super', conditionStatus: false };
      const refused = await portals.admin('POST', '/throttling/deny-policies', { body: again });
      assert.deepEqual([refused.status, refused.body.code], [409, 900979]);
      const off = await portals.admin('PATCH', path, {
        body: { conditionId: view.conditionId, conditionStatus: false },
      });
      assert.deepEqual([off.status, off.body], [200, { ...view, conditionStatus: false }]);
      assert.deepEqual((await portals.admin('GET', path)).body, off.body);
      assert.equal((await portals.admin('DELETE', path)).status, 200);
      for (const method of ['GET', 'PATCH', 'DELETE']) {
        const call = method === 'PATCH' ? { body: { conditionStatus: true } } : {};
        assert.equal((await portals.admin(method, path, call)).status, 404, method);
      }
      const entity = {
        ...{ id: view.conditionId, organization: 'carbon.super' },
        condition: { type: 'USER', value: 'mallory@carbon.super' },
      };
      assert.deepEqual(await eventsAfter(before), [
        { kind: 'denyPolicy', id: entity.id, value: { ...entity, enabled: true } },
        { kind: 'denyPolicy', id: entity.id, value: { ...entity, enabled: false } },
        { kind: 'denyPolicy', id: entity.id, value: null },
      ]);
    });

    test('a custom rule is made once, changed and removed, and gateways hear of each', async () => {
      const before = await head();
      const body = { policyName: 'Five', description: 'For mary', keyTemplate: '$userId', siddhiQuery };
      const made = await create('custom', body);
      assert.equal(made.status, 201);
      const path = `${policies}/custom/${made.body.policyId}`;
      assert.ok(made.headers.get('location')?.endsWith(`/api/am/admin/v4${path}`));
      assert.deepEqual(
        [made.body.type, made.body.isDeployed, made.body.siddhiQuery, made.body.keyTemplate],
        ['CustomRule', true, siddhiQuery, '$userId'],
      );
      assert.equal((await create('custom', body)).status, 409);
      const changed = { ...body, policyName: 'Renamed', siddhiQuery: siddhiQuery.replace('>= 5', '>= 8') };
      const answer = await portals.admin('PUT', path, { body: changed });
      assert.deepEqual([answer.status, answer.body.policyName], [200, 'Five']);
      assert.deepEqual((await portals.admin('GET', path)).body, answer.body);
      assert.equal((await portals.admin('GET', `${policies}/custom`)).body.count, 1);
      assert.equal((await portals.admin('DELETE', path)).status, 200);
      assert.equal((await portals.admin('GET', path)).status, 404);
      const events = await eventsAfter(before);
      assert.deepEqual(
        events.map(({ kind, value }) => [kind, value === null]),
        [
          ['customRule', false],
          ['customRule', false],
          ['customRule', true],
        ],
      );
    });

    test('a snapshot holds what was saved', async () => {
      await create('custom', { policyName: 'Kept', keyTemplate: '$userId', siddhiQuery });
      await create('advanced', { policyName: 'Kept', defaultLimit: perMinute(5) });
      const deny = { conditionType: 'IP', conditionValue: { fixedIp: '192.0.2.1', invert: false } };
      await portals.admin('POST', '/throttling/deny-policies', { body: deny });
      const { entries } = await portals.feed.source('Default').snapshot(new AbortController().signal);
      const names = entries.flatMap(({ kind, value }) => {
        if (kind === 'denyPolicy') return [`${kind} ${JSON.stringify((value as { condition: unknown }).condition)}`];
        return (value as { name?: string }).name === 'Kept' ? [kind] : [];
      });
      assert.deepEqual(names.sort(), [
        'customRule',
        'denyPolicy {"type":"IP","address":"192.0.2.1","invert":false}',
        'plan',
      ]);
    });

    test('what one organization has is nothing to another', async () => {
      const { users } = portals.keyManager;
      await users.create({ username: 'boss', password: 'secret-3', roles: ['admin'], organization: 'shop.example' });
      const as = 'boss@shop.example:secret-3';
      const own = await create('application', { policyName: 'Ours', defaultLimit: perMinute(5) });
      const deny = await portals.admin('POST', '/throttling/deny-policies', {
        body: { conditionType: 'USER', conditionValue: 'eve' },
      });
      const policy = `${policies}/application/${own.body.policyId}`;
      const condition = `/throttling/deny-policy/${deny.body.conditionId}`;
      for (const [method, path, body] of [
        ['GET', policy],
        ['PUT', policy, { policyName: 'Ours', defaultLimit: perMinute(9) }],
        ['DELETE', policy],
        ['GET', condition],
        ['PATCH', condition, { conditionStatus: false }],
        ['DELETE', condition],
      ] as const) {
        const answer = await portals.admin(method, path, body ? { as, body } : { as });
        assert.equal(answer.status, 404, `${method} ${path}`);
      }
      assert.deepEqual((await portals.admin('GET', '/throttling/deny-policies', { as })).body.list, []);
      assert.equal((await portals.admin('GET', `${policies}/export?name=Ours`, { as })).status, 404);
      for (const [method, path] of [
        ['GET', 'custom'],
        ['POST', 'custom'],
        ['GET', 'custom/any'],
        ['PUT', 'custom/any'],
        ['DELETE', 'custom/any'],
        ['GET', 'export?name=Kept&type=global'],
      ] as const) {
        const body = { policyName: 'Five', keyTemplate: '$userId', siddhiQuery };
        const call = method === 'POST' || method === 'PUT' ? { as, body } : { as };
        assert.equal((await portals.admin(method, `${policies}/${path}`, call)).status, 403, `${method} ${path}`);
      }
      const found = await portals.admin('GET', `${policies}/search?query=type:all`, { as });
      assert.deepEqual(found.body, { count: 0, list: [] });
      assert.equal((await portals.admin('GET', policy)).status, 200);
    });
  });
}

suite('SQLite', async () => ({ portals: await startPortals(), stop: async () => undefined }));

suite('PostgreSQL', async () => {
  const server = await startPostgresql();
  const store = await openStore({ engine: 'postgresql', connection: await server.createDatabase() });
  return { portals: await startPortals({ store }), stop: () => server.stop() };
});
