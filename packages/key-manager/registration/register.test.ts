import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { basic, type Running, run } from '../testing/running.ts';

let running: Running;
before(async () => {
  running = await run();
  await running.keyManager.users.create({ username: 'mona', password: 'mona', roles: ['Internal/subscriber'] });
  await running.keyManager.users.create({ username: 'nils', password: 'nils', roles: [] });
});
after(() => running.close());

const path = '/client-registration/v0.17/register';
const register = (body: object | string, user = 'admin', password = 'admin') =>
  running.send('POST', path, {
    headers: { authorization: basic(user, password), 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const profile = (changes: object = {}) => ({
  ...{
    clientName: 'tool',
    owner: 'admin',
    callbackUrl: 'www.google.lk',
    grantType: 'password refresh_token',
    saasApp: true,
  },
  ...changes,
});

test('the answer has the members and types that WSO2 clients read', async () => {
  const answer = await register(profile({ clientName: 'shape', tokenScope: 'Production', whatever: { deep: [1] } }));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json');
  const body = answer.json();
  assert.equal(body.clientName, 'shape');
  assert.equal(body.callBackURL, 'www.google.lk');
  assert.equal(body.isSaasApplication, true);
  assert.equal(body.appOwner, 'admin');
  assert.equal(body.jsonAppAttribute, '{}');
  assert.equal(typeof body.jsonString, 'string');
  assert.equal(JSON.parse(body.jsonString).grant_types, 'password refresh_token');
  for (const name of ['clientId', 'clientSecret', 'applicationUUID', 'tokenType'])
    assert.equal(typeof body[name], 'string');
});

test('a second registration of a name gives the same credentials', async () => {
  const first = (await register(profile())).json();
  const second = (await register(profile({ grantType: 'client_credentials' }))).json();
  assert.deepEqual(second, first);
  const suffixed = (await register(profile({ owner: 'admin@carbon.super' }))).json();
  assert.equal(suffixed.clientId, first.clientId);
});

test('registrations of one name at the same moment agree', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => register(profile({ clientName: 'twins' }))));
  assert.deepEqual([...new Set(answers.map((answer) => answer.json().clientId))].length, 1);
});

test('without a callback the grants that end there are left out', async () => {
  const grantType = 'authorization_code implicit client_credentials';
  const body = (await register(profile({ clientName: 'no callback', callbackUrl: '', grantType }))).json();
  assert.equal(JSON.parse(body.jsonString).grant_types, 'client_credentials');
});

test('saasApp is read as a boolean and as a text', async () => {
  const text = (await register(profile({ clientName: 'text', saasApp: 'true' }))).json();
  assert.equal(text.isSaasApplication, true);
  const absent = (await register(profile({ clientName: 'absent', saasApp: undefined }))).json();
  assert.equal(absent.isSaasApplication, false);
});

test('only the super admin registers for others, and only for users who exist', async (t) => {
  const cases: [string, object, string, number][] = [
    ['blank owner', { owner: ' ' }, 'admin', 400],
    ['no owner', { owner: undefined }, 'admin', 400],
    ['super admin for nobody', { owner: 'ghost' }, 'admin', 403],
    ['super admin for a user', { owner: 'mona', clientName: 'for mona' }, 'admin', 200],
    ['a user for another', { owner: 'nils' }, 'mona', 400],
    ['a user for herself', { owner: 'mona', clientName: 'for mona' }, 'mona', 200],
    ['a name that is another’s', { owner: 'nils', clientName: 'for mona' }, 'nils', 403],
    ['the admin’s name too', { owner: 'nils', clientName: 'tool' }, 'nils', 403],
  ];
  await register(profile());
  for (const [name, changes, user, status] of cases)
    await t.test(name, async () => {
      const answer = await register(profile(changes), user, user);
      assert.equal(answer.status, status, answer.text);
      if (status !== 200)
        assert.deepEqual(Object.keys(answer.json()).sort(), ['code', 'description', 'error', 'message', 'moreInfo']);
      if (status !== 200) assert.equal(answer.json().code, status);
    });
});

test('a bad password is 401 with a number as code', async () => {
  const answer = await register(profile(), 'admin', 'wrong');
  assert.equal(answer.status, 401);
  assert.equal(answer.json().code, 401);
  assert.equal((await running.send('POST', path, { body: '{}' })).status, 401);
});

test('what is no registration is 400', async () => {
  for (const body of [
    '',
    '{',
    '[]',
    'null',
    JSON.stringify(profile({ clientName: '' })),
    JSON.stringify(profile({ clientName: "x'; drop table" })),
    JSON.stringify(profile({ clientName: 'a@b' })),
    JSON.stringify(profile({ grantType: 7 })),
    JSON.stringify(profile({ callbackUrl: 'x'.repeat(3000) })),
  ])
    assert.equal((await register(body)).status, 400, body.slice(0, 60));
});

test('a client is removed by its owner or the admin alone', async () => {
  const { clientId } = (await register(profile({ clientName: 'leaving', owner: 'mona' }), 'mona', 'mona')).json();
  const remove = (user: string) =>
    running.send('DELETE', `${path}?applicationName=leaving`, { headers: { authorization: basic(user, user) } });
  assert.equal((await remove('nils')).status, 404);
  assert.ok(await running.keyManager.clients.get('carbon.super', clientId));
  assert.equal((await remove('mona')).status, 204);
  assert.equal(await running.keyManager.clients.get('carbon.super', clientId), undefined);
});

test('a user of another organization registers there and asks for tokens at the plain address', async () => {
  await running.keyManager.users.create({
    organization: 'tenant.com',
    username: 'tina',
    password: 'tina',
    roles: ['admin'],
  });
  const tina = 'tina@tenant.com';
  const client = (await register(profile({ clientName: 'of tina', owner: tina }), tina, 'tina')).json();
  const fields = { grant_type: 'password', username: tina, password: 'tina', scope: 'apim:api_view' };
  for (const target of ['/oauth2/token', '/t/tenant.com/oauth2/token']) {
    const answer = await running.form(target, [client.clientId, client.clientSecret], fields);
    assert.equal(answer.status, 200, answer.text);
  }
  const elsewhere = await running.form('/t/carbon.super/oauth2/token', [client.clientId, client.clientSecret], fields);
  assert.equal(elsewhere.json().error, 'invalid_client');
  assert.equal(
    (await register(profile({ owner: 'mona' }), tina, 'tina')).status,
    400,
    'an admin of a tenant is no super admin',
  );
});

test('secrets lie in the store sealed', async () => {
  const { clientId, clientSecret } = (await register(profile({ clientName: 'sealed' }))).json();
  const row = await running.store.organization('carbon.super').clients.get(clientId);
  assert.ok(row && !JSON.stringify(row).includes(clientSecret));
});
