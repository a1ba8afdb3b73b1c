import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as oauth from 'openid-client';
import { makeClient, type Running, run } from '../testing/running.ts';

let running: Running;
let clientId: string;
let secret: string;

before(async () => {
  running = await run();
  ({
    credentials: [clientId, secret],
  } = await makeClient(running));
});
after(() => running.close());

const methods = {
  client_secret_basic: oauth.ClientSecretBasic,
  client_secret_post: oauth.ClientSecretPost,
};

for (const [name, method] of Object.entries(methods))
  test(`a standard client library goes through discovery, grants, introspection and revocation (${name})`, async () => {
    const options = { execute: [oauth.allowInsecureRequests] };
    const server = new URL(running.options.issuer);
    const found = await oauth.discovery(server, clientId, secret, method(secret), options);
    assert.equal(found.serverMetadata().jwks_uri, `${running.url}/oauth2/jwks`);

    const application = await oauth.clientCredentialsGrant(found, { scope: 'apim:api_view' });
    assert.equal(application.scope, 'apim:api_view');
    assert.equal(application.token_type, 'bearer');

    const user = await oauth.genericGrantRequest(found, 'password', {
      ...{ username: 'admin', password: 'admin', scope: 'openid apim:admin' },
    });
    assert.equal(user.claims()?.sub, 'admin@carbon.super');
    const info = await oauth.fetchUserInfo(found, user.access_token, 'admin@carbon.super');
    assert.equal(info.sub, 'admin@carbon.super');

    const next = await oauth.refreshTokenGrant(found, user.refresh_token ?? '');
    assert.equal((await oauth.tokenIntrospection(found, next.access_token)).active, true);
    await oauth.tokenRevocation(found, next.access_token);
    assert.equal((await oauth.tokenIntrospection(found, next.access_token)).active, false);
    await assert.rejects(oauth.refreshTokenGrant(found, next.refresh_token ?? ''), { error: 'invalid_grant' });
  });

test('both discovery addresses give the same document, and it names only what works', async () => {
  const [one, other] = await Promise.all([
    running.send('GET', '/oauth2/token/.well-known/openid-configuration'),
    running.send('GET', '/.well-known/openid-configuration'),
  ]);
  assert.equal(one.text, other.text);
  const document = one.json();
  assert.equal(document.issuer, running.options.issuer);
  for (const [name, address] of Object.entries<string>(document)) {
    if (!/_endpoint$|_uri$/.test(name)) continue;
    const answer = await running.send('GET', new URL(address).pathname);
    assert.notEqual(answer.status, 418, `${name} is answered`);
  }
  for (const grant of document.grant_types_supported) {
    const answer = await running.form('/oauth2/token', [clientId, secret], { grant_type: grant });
    assert.notEqual(answer.json().error, 'unsupported_grant_type');
  }
});
