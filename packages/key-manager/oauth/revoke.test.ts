import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { basic, claimsOf, makeClient, type Running, run } from '../testing/running.ts';

let running: Running;
let credentials: [string, string];

before(async () => {
  running = await run();
  ({ credentials } = await makeClient(running));
});
after(() => running.close());

const signIn = async () =>
  (
    await running.form('/oauth2/token', credentials, { grant_type: 'password', username: 'admin', password: 'admin' })
  ).json();
const revoke = (token: string, client = credentials) =>
  running.form('/oauth2/revoke', client, { token, token_type_hint: 'access_token' });
const introspect = (token: string, client = credentials) => running.form('/oauth2/introspect', client, { token });

test('a revoked access token is refused everywhere at once, with its refresh token', async () => {
  const pair = await signIn();
  const answer = await revoke(pair.access_token);
  assert.equal(answer.status, 200);
  assert.equal(answer.text, '');
  assert.equal(await running.keyManager.authenticateBearer(pair.access_token), undefined);
  assert.deepEqual((await introspect(pair.access_token)).json(), { active: false });
  assert.deepEqual((await introspect(pair.refresh_token)).json(), { active: false });
});

test('a revoked refresh token takes its access tokens along', async () => {
  const pair = await signIn();
  assert.equal((await revoke(pair.refresh_token)).status, 200);
  assert.equal(await running.keyManager.authenticateBearer(pair.access_token), undefined);
});

test('gateways hear of a revocation on the feed', async () => {
  const { access_token: token } = await signIn();
  const { jti, exp } = claimsOf(token);
  const head = await running.store.system.feed.head();
  await revoke(token);
  const [event] = await running.store.system.feed.after(head, 'Default', 10);
  assert.equal(event?.kind, 'revocation');
  assert.equal(event?.id, jti);
  // Gateways that take tokens for a while after they expired (`token_clock_skew`, ten minutes at most) must refuse this one then too.
  assert.deepEqual(event?.value, { tokenId: jti, expiresAt: (exp + 600) * 1000 });
});

test('a client cannot revoke the tokens of another', async () => {
  const pair = await signIn();
  const thief = await makeClient(running);
  for (const token of [pair.access_token, pair.refresh_token]) {
    const answer = await revoke(token, thief.credentials);
    assert.equal(answer.status, 400);
    assert.equal(answer.json().error, 'invalid_request');
  }
  assert.ok(await running.keyManager.authenticateBearer(pair.access_token));
});

test('unknown tokens answer 200, and so does the second revocation', async () => {
  assert.equal((await revoke('no-such-token')).status, 200);
  assert.equal((await revoke('a.b.c')).status, 200);
  const { access_token: token } = await signIn();
  await revoke(token);
  assert.equal((await revoke(token)).status, 200);
});

test('a revocation without a proven client changes nothing', async () => {
  const { access_token: token } = await signIn();
  const answer = await revoke(token, [credentials[0], 'wrong']);
  assert.equal(answer.status, 401);
  assert.ok(await running.keyManager.authenticateBearer(token));
});

test('a rotation that runs while its grant is revoked leaves no live token behind', async () => {
  for (let round = 0; round < 10; round++) {
    const pair = await signIn();
    const [refreshed] = await Promise.all([
      running.form('/oauth2/token', credentials, { grant_type: 'refresh_token', refresh_token: pair.refresh_token }),
      revoke(pair.access_token),
    ]);
    if (refreshed.status !== 200) continue;
    assert.equal(await running.keyManager.authenticateBearer(refreshed.json().access_token), undefined);
    assert.equal((await introspect(refreshed.json().refresh_token)).json().active, false);
  }
});

test('introspection shows a JWT to its client, to other clients and to admins', async () => {
  const { access_token: token } = await signIn();
  const claims = claimsOf(token);
  const other = await makeClient(running);
  const admin: [string, string] = ['admin@carbon.super', 'admin'];
  for (const caller of [credentials, other.credentials, admin]) {
    const body = (await introspect(token, caller)).json();
    assert.equal(body.active, true);
    assert.equal(body.token_type, 'Bearer');
    assert.equal(body.client_id, credentials[0]);
    assert.equal(body.username, 'admin@carbon.super');
    assert.equal(body.scope, 'default');
    assert.equal(body.exp, claims.exp);
  }
});

test('a refresh token is shown to its own client and to admins alone', async () => {
  const { refresh_token: token } = await signIn();
  const other = await makeClient(running);
  assert.equal((await introspect(token)).json().token_type, 'Refresh');
  assert.equal((await introspect(token, ['admin', 'admin'])).json().active, true);
  assert.deepEqual((await introspect(token, other.credentials)).json(), { active: false });
});

test('introspection is closed to users without the admin role and to strangers', async () => {
  await running.keyManager.users.create({ username: 'sam', password: 'sam', roles: ['Internal/subscriber'] });
  const { access_token: token } = await signIn();
  assert.equal((await introspect(token, ['sam', 'sam'])).status, 401);
  assert.equal((await running.form('/oauth2/introspect', undefined, { token })).status, 401);
});

test('an expired, altered or foreign token is inactive', async () => {
  const { access_token: token } = await signIn();
  const [head, claims, signature] = token.split('.');
  const forged = Buffer.from(JSON.stringify({ ...claimsOf(token), scope: 'apim:admin' })).toString('base64url');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  const foreign = await run();
  const stranger = await makeClient(foreign);
  const other = (
    await foreign.form('/oauth2/token', stranger.credentials, { grant_type: 'client_credentials' })
  ).json();
  await foreign.close();
  for (const bad of [`${head}.${forged}.${signature}`, `${none}.${claims}.`, other.access_token])
    assert.deepEqual((await introspect(bad)).json(), { active: false });
  running.advance(3_601_000);
  assert.deepEqual((await introspect(token)).json(), { active: false });
});

test('the textual variants of one token are revoked together', async () => {
  const { access_token: token } = await signIn();
  await revoke(token);
  for (const variant of [`${token}=`, `${token} `, token.replace(/.$/, 'A')]) {
    const answer = await running.send('POST', '/oauth2/introspect', {
      headers: { authorization: basic(...credentials), 'content-type': 'application/json' },
      body: JSON.stringify({ token: variant }),
    });
    assert.deepEqual(answer.json(), { active: false });
  }
});
