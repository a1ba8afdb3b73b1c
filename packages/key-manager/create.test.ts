import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { importJWK, type JWK, jwtVerify } from 'jose';
import { claimsOf, makeClient, type Running, run } from './testing/running.ts';

let running: Running;
before(async () => {
  running = await run();
});
after(() => running.close());

test('issueToken keeps to the owner’s scopes and to the lifetime asked', async () => {
  const { client } = await makeClient(running, { properties: { application_access_token_expiry_time: 90 } });
  const asked = { organization: 'carbon.super', client, scopes: ['apim:admin', 'nonsense'] };
  const usual = await running.keyManager.issueToken(asked);
  assert.deepEqual([usual.scopes, usual.validitySeconds], [['apim:admin'], 90]);
  const endless = await running.keyManager.issueToken({ ...asked, validitySeconds: -1 });
  assert.equal(endless.validitySeconds, -1);
  running.advance(10 * 366 * 86_400_000);
  assert.ok(await running.keyManager.authenticateBearer(endless.accessToken));
  assert.equal(await running.keyManager.authenticateBearer(usual.accessToken), undefined);
});

test('a token of a removed client is refused', async () => {
  const { client } = await makeClient(running);
  const { accessToken } = await running.keyManager.issueToken({ organization: 'carbon.super', client, scopes: [] });
  assert.ok(await running.keyManager.authenticateBearer(accessToken));
  await running.keyManager.clients.remove('carbon.super', client.clientId);
  assert.equal(await running.keyManager.authenticateBearer(accessToken), undefined);
});

test('revokeAccessToken refuses a token for its own client only', async () => {
  const { client } = await makeClient(running);
  const { accessToken } = await running.keyManager.issueToken({ organization: 'carbon.super', client, scopes: [] });
  assert.equal(await running.keyManager.revokeAccessToken(accessToken, 'other'), false);
  assert.equal(await running.keyManager.revokeAccessToken(accessToken, client.clientId), true);
  assert.equal(await running.keyManager.authenticateBearer(accessToken), undefined);
  assert.equal(await running.keyManager.revokeAccessToken('garbage', client.clientId), false);
});

test('a test key verifies as the internal issuer’s and is no access token', async () => {
  const api = { id: '1', name: 'Orders', context: '/orders/1.0.0', version: '1.0.0' };
  const asked = { organization: 'carbon.super', user: 'admin', api, keyType: 'SANDBOX' } as const;
  const { key, validitySeconds } = await running.keyManager.issueInternalKey(asked);
  assert.equal(validitySeconds, 3600);
  const internal = (await running.keyManager.issuers()).find((issuer) => issuer.name === 'internal');
  const publicKey = await importJWK(internal?.keys[0] as JWK, 'RS256');
  const { payload } = await jwtVerify(key, publicKey, { issuer: internal?.issuer ?? '' });
  const { iat, exp, jti, ...claims } = payload;
  assert.equal(exp, (iat ?? 0) + 3600);
  assert.equal(typeof jti, 'string');
  assert.deepEqual(claims, {
    ...{ iss: internal?.issuer, sub: 'admin', token_type: 'InternalKey', keytype: 'SANDBOX' },
    subscribedAPIs: [
      {
        ...{ subscriberTenantDomain: 'carbon.super', name: 'Orders', context: '/orders/1.0.0' },
        ...{ version: '1.0.0', publisher: 'admin' },
      },
    ],
  });
  assert.equal(await running.keyManager.authenticateBearer(key), undefined);
});

test('a new secret stops the old one, and an update cannot bring it back', async () => {
  const { client, credentials } = await makeClient(running);
  const grant = { grant_type: 'client_credentials' };
  const fresh = await running.keyManager.clients.regenerateSecret('carbon.super', client.clientId);
  assert.equal(await running.keyManager.clients.update({ ...client, callbackUrl: 'https://app.example' }), true);
  assert.equal((await running.form('/oauth2/token', credentials, grant)).status, 401);
  assert.equal((await running.form('/oauth2/token', [client.clientId, fresh ?? ''], grant)).status, 200);
  const kept = await running.keyManager.clients.get('carbon.super', client.clientId);
  assert.equal(kept?.client.callbackUrl, 'https://app.example');
  assert.equal(kept?.secret, fresh);
});

test('revoke by id reaches the bearer check and the feed', async () => {
  const { client } = await makeClient(running);
  const { accessToken } = await running.keyManager.issueToken({ organization: 'carbon.super', client, scopes: [] });
  const { jti, exp } = claimsOf(accessToken);
  const head = await running.store.system.feed.head();
  await running.keyManager.revoke({ tokenId: jti, expiresAt: exp * 1000 });
  assert.equal(await running.keyManager.authenticateBearer(accessToken), undefined);
  assert.equal((await running.store.system.feed.after(head, 'Default', 5)).length, 1);
});
