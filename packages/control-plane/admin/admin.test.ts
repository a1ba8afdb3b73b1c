import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { developer, otherDeveloper, type Portals, startPortals } from '../testing/portals.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

test("apictl's way to an application of somebody: found by owner and name, read, removed", async () => {
  for (const as of [developer, otherDeveloper]) {
    await portals.devportal('POST', '/applications', {
      as,
      body: { name: 'Shared Name', throttlingPolicy: 'Unlimited' },
    });
  }
  const found = await portals.admin('GET', '/applications?user=dora&name=Shared%20Name');
  assert.equal(found.status, 200);
  assert.equal(found.body.count, 1);
  const [application] = found.body.list;
  assert.deepEqual([application.owner, application.status, application.groupId], ['dora', 'APPROVED', '']);
  const path = `/applications/${application.applicationId}`;
  assert.equal((await portals.admin('GET', path)).body.name, 'Shared Name');
  assert.equal((await portals.admin('DELETE', path)).status, 200);
  assert.equal((await portals.admin('DELETE', path)).status, 404);
  assert.equal((await portals.admin('GET', '/applications?name=Shared')).body.count, 1);
  const all = await portals.admin('GET', '/applications?sortBy=owner&sortOrder=desc&limit=1');
  assert.deepEqual([all.body.count, all.body.list[0].owner], [1, 'otto']);
});

test('the environment of the first start is told with its ports', async () => {
  const { body } = await portals.admin('GET', '/environments');
  assert.equal(body.count, 1);
  const [environment] = body.list;
  assert.deepEqual([environment.name, environment.type, environment.vhosts[0].httpsPort], ['Default', 'hybrid', 8243]);
  assert.equal((await portals.admin('GET', `/environments/${environment.id}`)).body.name, 'Default');
  assert.equal((await portals.admin('GET', '/environments/none')).status, 404);
});

test('plans are told by kind, each as described and by its id', async () => {
  for (const [kind, count] of [
    ['application', 4],
    ['subscription', 18],
    ['advanced', 4],
  ] as const) {
    const { body } = await portals.admin('GET', `/throttling/policies/${kind}`);
    assert.equal(body.count, count);
    const one = await portals.admin('GET', `/throttling/policies/${kind}/${body.list[0].policyId}`);
    const { conditionalGroups, ...info } = one.body;
    assert.deepEqual(info, body.list[0]);
    assert.deepEqual(conditionalGroups, kind === 'advanced' ? [] : undefined);
    const other = kind === 'application' ? 'advanced' : 'application';
    assert.equal((await portals.admin('GET', `/throttling/policies/${other}/${body.list[0].policyId}`)).status, 404);
  }
});

test('developers stay outside', async () => {
  for (const path of ['/applications', '/environments', '/settings', '/throttling/policies/application']) {
    assert.equal((await portals.admin('GET', path, { as: developer })).status, 401, path);
  }
  assert.ok((await portals.admin('GET', '/settings')).body.scopes.includes('apim:admin'));
});
