import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { administrator, developer, type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

test('the anonymous get only what the sign-in page needs, people the rest', async () => {
  const open = (await portals.devportal('GET', '/settings')).body;
  assert.equal(open.scopes, undefined);
  assert.equal(open.IsAnonymousModeEnabled, true);
  const mine = (await portals.devportal('GET', '/settings', { as: developer })).body;
  assert.ok(mine.scopes.includes('apim:subscribe') && mine.scopes.includes('openid'));
  assert.deepEqual(mine.grantTypes, ['client_credentials', 'password', 'refresh_token']);
  assert.equal(mine.apiGatewayEndpoint, 'http://localhost:8280,https://localhost:8243');
});

test('a password changes for who knows the present one, and the old one is refused at once', async () => {
  await portals.keyManager.users.create({ username: 'pia', password: 'first-one', roles: ['Internal/subscriber'] });
  const change = (currentPassword: string, newPassword: string, as: string) =>
    portals.devportal('POST', '/me/change-password', { as, body: { currentPassword, newPassword } });
  const refused: readonly [string, string, number][] = [
    ['wrong', 'second-one', 901451],
    ['first-one', 'abcd', 901452],
    ['first-one', 'x'.repeat(129), 901452],
    ['first-one', 'with\u0000null', 901452],
  ];
  for (const [current, next, code] of refused) {
    const answer = await change(current, next, 'pia:first-one');
    assert.deepEqual([answer.status, answer.body.code], [400, code]);
  }
  assert.equal((await portals.devportal('POST', '/me/change-password', { as: 'pia:first-one', body: {} })).status, 400);
  assert.equal((await change('first-one', 'second one, with blanks', 'pia:first-one')).status, 200);
  assert.equal((await portals.devportal('GET', '/applications', { as: 'pia:first-one' })).status, 401);
  assert.equal((await portals.devportal('GET', '/applications', { as: 'pia:second one, with blanks' })).status, 200);
});

test('where passwords are not changed here, the portal says so', async () => {
  const fixed = await startPortals({ settings: { passwordChange: false } });
  try {
    const body = { currentPassword: 'admin', newPassword: 'admin2' };
    const answer = await fixed.devportal('POST', '/me/change-password', { as: administrator, body });
    assert.deepEqual([answer.status, answer.body.code], [400, 901450]);
    assert.equal((await fixed.devportal('GET', '/settings')).body.IsPasswordChangeEnabled, false);
  } finally {
    await fixed.close();
  }
});

test('organizations are told', async () => {
  const tenants = (await portals.devportal('GET', '/tenants')).body;
  assert.deepEqual(tenants.list, [{ domain: 'carbon.super', status: 'ACTIVE' }]);
  assert.equal((await portals.devportal('GET', '/tenants?state=inactive')).body.count, 0);
  const mine = await portals.devportal('GET', '/me/organization-information', { as: developer });
  assert.deepEqual(mine.body, { organizationId: 'carbon.super', name: 'carbon.super' });
});
