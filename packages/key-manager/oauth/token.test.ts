import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { basic, claimsOf, headOf, makeClient, type Running, run } from '../testing/running.ts';

let running: Running;
let clientId: string;
let secret: string;
let credentials: [string, string];
const signIn = { grant_type: 'password', username: 'admin', password: 'admin' };

before(async () => {
  running = await run();
  const made = await makeClient(running);
  credentials = made.credentials;
  [clientId, secret] = credentials;
});
after(() => running.close());

test('a password grant answers exactly the members that WSO2 clients read', async () => {
  const answer = await running.form('/oauth2/token', credentials, { ...signIn, scope: 'apim:api_view' });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.equal(answer.headers['cache-control'], 'no-store');
  const body = answer.json();
  assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type']);
  assert.equal(body.scope, 'apim:api_view');
  assert.equal(body.token_type, 'Bearer');
  assert.equal(body.expires_in, 3600);
});

test('an access token that a standard verifier refuses would lock every backend out', async () => {
  const { access_token: token } = (await running.form('/oauth2/token', credentials, signIn)).json();
  const keys = createLocalJWKSet((await running.send('GET', '/oauth2/jwks')).json());
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: running.options.issuer,
    audience: clientId,
    typ: 'at+jwt',
  });
  assert.equal(protectedHeader.alg, 'RS256');
  assert.equal(typeof protectedHeader.kid, 'string');
  const { iat, exp, nbf, jti, grant_id, ...claims } = payload;
  assert.deepEqual(claims, {
    iss: running.options.issuer,
    sub: 'admin@carbon.super',
    aut: 'APPLICATION_USER',
    aud: clientId,
    azp: clientId,
    client_id: clientId,
    app_td: 'carbon.super',
    scope: 'default',
  });
  assert.equal(exp, (iat ?? 0) + 3600);
  assert.equal(nbf, iat);
  assert.match(String(jti), /^[0-9a-f-]{36}$/);
});

test('client_credentials gives an application token and no refresh token', async () => {
  const body = (await running.form('/oauth2/token', credentials, { grant_type: 'client_credentials' })).json();
  assert.deepEqual(Object.keys(body).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
  const claims = claimsOf(body.access_token);
  assert.equal(claims.aut, 'APPLICATION');
  assert.equal(claims.sub, clientId);
});

test('every form of request that WSO2 clients send is read alike', async (t) => {
  const query = new URLSearchParams({ ...signIn, scope: 'apim:api_view' }).toString();
  const headers = { authorization: basic(...credentials), 'content-type': 'application/x-www-form-urlencoded' };
  const json = { authorization: basic(...credentials), 'content-type': 'application/json; charset=utf-8' };
  const inBody = new URLSearchParams({ ...signIn, client_id: clientId, client_secret: secret, scope: 'apim:api_view' });
  const forms = {
    'all in the query string with an empty body': [`/oauth2/token?${query}`, { headers }],
    'a form': ['/oauth2/token', { headers, body: query }],
    JSON: ['/oauth2/token', { headers: json, body: JSON.stringify({ ...signIn, scope: 'apim:api_view' }) }],
    'JSON with scopes as a list': [
      '/oauth2/token',
      { headers: json, body: JSON.stringify({ ...signIn, scope: ['apim:api_view'] }) },
    ],
    'client in the body': [
      '/oauth2/token',
      { headers: { 'content-type': headers['content-type'] }, body: inBody.toString() },
    ],
    'no content type': ['/oauth2/token', { headers: { authorization: headers.authorization }, body: query }],
    'grant in the query and the rest in the body': ['/oauth2/token?grant_type=password', { headers, body: query }],
    'a slash at the end': ['/oauth2/token/', { headers, body: query }],
    'the super tenant in the path': ['/t/carbon.super/oauth2/token', { headers, body: query }],
  } as const;
  for (const [name, [target, options]] of Object.entries(forms))
    await t.test(name, async () => {
      const answer = await running.send('POST', target, options);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json().scope, 'apim:api_view');
    });
});

test('errors have the statuses and codes of RFC 6749', async (t) => {
  const others = await makeClient(running, { grantTypes: ['client_credentials'] });
  const cases: [string, [string, string] | undefined, Record<string, string>, number, string][] = [
    ['wrong secret', [clientId, 'wrong'], signIn, 401, 'invalid_client'],
    ['unknown client', ['nobody', secret], signIn, 401, 'invalid_client'],
    ['no client', undefined, signIn, 401, 'invalid_client'],
    ['another client_id beside Basic', credentials, { ...signIn, client_id: 'other' }, 401, 'invalid_client'],
    ['wrong password', credentials, { ...signIn, password: 'wrong' }, 400, 'invalid_grant'],
    ['unknown user', credentials, { ...signIn, username: 'nobody' }, 400, 'invalid_grant'],
    ['password is missing', credentials, { grant_type: 'password', username: 'admin' }, 400, 'invalid_request'],
    ['no grant type', credentials, { username: 'admin' }, 400, 'invalid_request'],
    ['grant that is not the client’s', others.credentials, signIn, 400, 'unauthorized_client'],
    ['grant that nobody knows', credentials, { grant_type: 'constructor' }, 400, 'unsupported_grant_type'],
    ['unknown refresh token', credentials, { grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
  ];
  for (const [name, client, fields, status, error] of cases)
    await t.test(name, async () => {
      const answer = await running.form('/oauth2/token', client, fields);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json().error, error);
      assert.equal(answer.headers['content-type'], 'application/json');
      if (status === 401) assert.match(String(answer.headers['www-authenticate']), /^Basic realm=/);
      assert.ok(!answer.text.includes(secret));
    });
});

test('lifetimes that the client asked for hold, and -1 never expires', async () => {
  const short = await makeClient(running, {
    properties: { application_access_token_expiry_time: '120', user_access_token_expiry_time: -1 },
  });
  const application = (
    await running.form('/oauth2/token', short.credentials, { grant_type: 'client_credentials' })
  ).json();
  assert.equal(application.expires_in, 120);
  const user = (await running.form('/oauth2/token', short.credentials, signIn)).json();
  assert.equal(claimsOf(user.access_token).exp, 253_402_300_799);
  assert.ok(await running.keyManager.authenticateBearer(user.access_token));
});

test('a grant that is switched off is neither answered nor announced', async () => {
  const strict = await run({ grantTypes: ['client_credentials'], lifetimes: { userToken: -1, applicationToken: -1 } });
  const made = await makeClient(strict);
  const refused = await strict.form('/oauth2/token', made.credentials, signIn);
  assert.equal(refused.json().error, 'unsupported_grant_type');
  const document = (await strict.send('GET', '/.well-known/openid-configuration')).json();
  assert.deepEqual(document.grant_types_supported, ['client_credentials']);
  const endless = (await strict.form('/oauth2/token', made.credentials, { grant_type: 'client_credentials' })).json();
  await strict.keyManager.rotateKeys();
  strict.advance(100 * 366 * 86_400_000);
  await strict.keyManager.rotateKeys();
  assert.ok(await strict.keyManager.authenticateBearer(endless.access_token));
  await strict.close();
});

test('openid brings an ID token that does not pass as an access token', async () => {
  const body = (await running.form('/oauth2/token', credentials, { ...signIn, scope: 'openid' })).json();
  assert.equal(headOf(body.id_token).typ, 'JWT');
  assert.equal(claimsOf(body.id_token).azp, undefined);
  assert.equal(await running.keyManager.authenticateBearer(body.id_token), undefined);
  const asked = { headers: { authorization: `Bearer ${body.access_token}` } };
  assert.equal((await running.send('GET', '/oauth2/userinfo', asked)).json().sub, 'admin@carbon.super');
});

test('userinfo refuses tokens without openid with 403 and bad ones with 401', async () => {
  const { access_token: token } = (await running.form('/oauth2/token', credentials, signIn)).json();
  const without = await running.send('GET', '/oauth2/userinfo', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(without.status, 403);
  assert.equal(without.json().error, 'insufficient_scope');
  const bad = await running.send('GET', '/oauth2/userinfo', { headers: { authorization: 'Bearer a.b.c' } });
  assert.equal(bad.status, 401);
  assert.match(String(bad.headers['www-authenticate']), /error="invalid_token"/);
});

test('a client of one organization signs in users of another only when it is made for all', async () => {
  await running.keyManager.users.create({
    organization: 'tenant.com',
    username: 'eve',
    password: 'pw-of-eve',
    roles: ['admin'],
  });
  const eve = { ...signIn, username: 'eve@tenant.com', password: 'pw-of-eve' };
  assert.equal((await running.form('/oauth2/token', credentials, eve)).json().error, 'invalid_grant');
  const saas = await makeClient(running, { properties: { saasApp: true } });
  const answer = await running.form('/oauth2/token', saas.credentials, eve);
  assert.equal(answer.status, 200, answer.text);
  const principal = await running.keyManager.authenticateBearer(answer.json().access_token);
  assert.equal(principal?.organization, 'tenant.com');
  assert.equal(principal?.user, 'eve');
});

test('a path of an unknown tenant answers 404, other paths are left alone', async () => {
  assert.equal((await running.form('/t/nobody.com/oauth2/token', credentials, signIn)).status, 404);
  assert.equal((await running.send('GET', '/oauth2/other')).status, 418);
  assert.equal((await running.send('GET', '/api/am/publisher/v4/apis')).status, 418);
});

test('secrets with characters that need escaping work raw and form-encoded', async () => {
  const clientSecret = 'p%20+:/ ü';
  const { client } = await running.keyManager.clients.create({
    organization: 'carbon.super',
    ...{
      owner: 'admin',
      name: 'own credentials',
      grantTypes: ['client_credentials'],
      clientId: 'own id',
      clientSecret,
    },
  });
  const grant = { grant_type: 'client_credentials' };
  assert.equal((await running.form('/oauth2/token', [client.clientId, clientSecret], grant)).status, 200);
  const encoded: [string, string] = [encodeURIComponent('own id'), encodeURIComponent(clientSecret)];
  assert.equal((await running.form('/oauth2/token', encoded, grant)).status, 200);
  assert.equal((await running.form('/oauth2/token', ['own id', 'p  :/ ü'], grant)).status, 401);
});
