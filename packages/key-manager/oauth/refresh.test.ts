import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { claimsOf, makeClient, type Running, run } from '../testing/running.ts';

let running: Running;
let credentials: [string, string];

before(async () => {
  running = await run();
  ({ credentials } = await makeClient(running));
  await running.keyManager.users.create({ username: 'dana', password: 'first', roles: ['Internal/subscriber'] });
});
after(() => running.close());

const signIn = async (scope = 'apim:subscribe apim:app_manage', password = 'first') =>
  (
    await running.form('/oauth2/token', credentials, { grant_type: 'password', username: 'dana', password, scope })
  ).json();
const refresh = (token: string, more: Record<string, string> = {}, client = credentials) =>
  running.form('/oauth2/token', client, { grant_type: 'refresh_token', refresh_token: token, ...more });

test('a refresh gives a new pair with the same scopes', async () => {
  const first = await signIn();
  const answer = await refresh(first.refresh_token);
  assert.equal(answer.status, 200, answer.text);
  const next = answer.json();
  assert.equal(next.scope, 'apim:subscribe apim:app_manage');
  assert.notEqual(next.refresh_token, first.refresh_token);
  assert.notEqual(claimsOf(next.access_token).jti, claimsOf(first.access_token).jti);
  assert.ok(await running.keyManager.authenticateBearer(first.access_token), 'the earlier access token lives on');
});

test('a refresh may narrow the scopes, never widen them, and narrowing does not stick', async () => {
  const first = await signIn('apim:subscribe apim:app_manage');
  const narrow = (await refresh(first.refresh_token, { scope: 'apim:subscribe apim:api_key' })).json();
  assert.equal(narrow.scope, 'apim:subscribe');
  assert.equal((await refresh(narrow.refresh_token)).json().scope, 'apim:subscribe apim:app_manage');
});

test('of racing refreshes exactly one wins and its tokens keep working', async () => {
  const { refresh_token: token } = await signIn();
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(token)));
  const won = answers.filter((answer) => answer.status === 200);
  assert.equal(won.length, 1);
  for (const lost of answers.filter((answer) => answer.status !== 200))
    assert.equal(lost.json().error, 'invalid_grant');
  const next = won[0]?.json();
  assert.ok(await running.keyManager.authenticateBearer(next.access_token));
  assert.equal((await refresh(next.refresh_token)).status, 200);
});

test('a refresh token used again after the grace ends the whole grant', async () => {
  const first = await signIn();
  const next = (await refresh(first.refresh_token)).json();
  running.advance(6_000);
  assert.equal((await refresh(first.refresh_token)).json().error, 'invalid_grant');
  assert.equal((await refresh(next.refresh_token)).json().error, 'invalid_grant');
  assert.equal(await running.keyManager.authenticateBearer(next.access_token), undefined);
  assert.equal(await running.keyManager.authenticateBearer(first.access_token), undefined);
});

test('a refresh token of another client is refused and stays usable for its own', async () => {
  const { refresh_token: token } = await signIn();
  const other = await makeClient(running);
  assert.equal((await refresh(token, {}, other.credentials)).json().error, 'invalid_grant');
  assert.equal((await refresh(token)).status, 200);
});

test('roles taken away are gone from the next token', async () => {
  const { refresh_token: token } = await signIn();
  await running.keyManager.users.setRoles('dana', []);
  assert.equal((await refresh(token)).json().scope, 'default');
  await running.keyManager.users.setRoles('dana', ['Internal/subscriber']);
});

test('an expired refresh token is refused', async () => {
  const { refresh_token: token } = await signIn();
  running.advance(86_401_000);
  assert.equal((await refresh(token)).json().error, 'invalid_grant');
});

test('a changed password ends the refresh tokens, a removed user too', async () => {
  const { refresh_token: token } = await signIn();
  await running.keyManager.users.setPassword('dana', 'second');
  assert.equal((await refresh(token)).json().error, 'invalid_grant');
  const next = await signIn('apim:subscribe', 'second');
  await running.keyManager.users.remove('dana');
  assert.equal((await refresh(next.refresh_token)).json().error, 'invalid_grant');
  assert.equal(await running.keyManager.authenticateBearer(next.access_token), undefined);
});

test('a client that refreshes without end does not grow its grant without end', async () => {
  await running.keyManager.users.create({ username: 'dana', password: 'first', roles: [] });
  let pair = await signIn();
  const first = pair;
  for (let round = 0; round < 33; round++) pair = (await refresh(pair.refresh_token)).json();
  assert.ok(await running.keyManager.authenticateBearer(pair.access_token));
  assert.equal(await running.keyManager.authenticateBearer(first.access_token), undefined);
  const grant = await running.store.system.artifacts.get('Grant', claimsOf(pair.access_token).grant_id);
  assert.equal((grant?.payload.tokens as unknown[] | undefined)?.length, 32);
});
