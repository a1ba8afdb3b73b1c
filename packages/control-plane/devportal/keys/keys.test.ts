import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { developer, otherDeveloper, type Portals, startPortals } from '../../testing/portals.ts';

let portals: Portals;
before(async () => {
  portals = await startPortals();
});
after(() => portals.close());

let made = 0;
async function newApplication(as = developer): Promise<string> {
  made += 1;
  const body = { name: `Keys ${made}`, throttlingPolicy: 'Unlimited' };
  return (await portals.devportal('POST', '/applications', { as, body })).body.applicationId;
}
const post = (path: string, body: unknown = {}, as = developer) => portals.devportal('POST', path, { as, body });
const get = (path: string) => portals.devportal('GET', path, { as: developer });
const production = { keyType: 'PRODUCTION', grantTypesToBeSupported: ['client_credentials', 'password'] };

async function tokenEndpoint(consumerKey: string, consumerSecret: string, form = 'grant_type=client_credentials') {
  return fetch(`${portals.url}/oauth2/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form,
  });
}

test('generated keys come with a token, get tokens themselves, and the gateways are told', async () => {
  const id = await newApplication();
  const head = await portals.store.system.feed.head();
  const keys = await post(`/applications/${id}/generate-keys`, { ...production, validityTime: 1800 });
  assert.equal(keys.status, 200);
  assert.equal(keys.body.keyState, 'APPROVED');
  assert.equal(keys.body.mode, 'CREATED');
  assert.deepEqual(keys.body.supportedGrantTypes, production.grantTypesToBeSupported);
  assert.equal(keys.body.token.validityTime, 1800);
  const { consumerKey, consumerSecret } = keys.body;
  assert.ok(consumerKey && consumerSecret);
  assert.equal((await tokenEndpoint(consumerKey, consumerSecret)).status, 200);
  const events = await portals.store.system.feed.after(head, 'Default', 10);
  assert.deepEqual(
    events.map(({ kind, id: entity, value }) => ({ kind, entity, value })),
    [
      {
        kind: 'key',
        entity: `Resident Key Manager/${consumerKey}`,
        value: { consumerKey, keyManager: 'Resident Key Manager', applicationId: id, keyType: 'PRODUCTION' },
      },
    ],
  );
  // WSO2's name of the client, as its consent page shows it.
  assert.equal((await portals.organization.clients.get(consumerKey))?.name, `dora_${id}_PRODUCTION`);
  const listed = await get(`/applications/${id}/oauth-keys`);
  assert.equal(listed.body.count, 1);
  assert.equal(listed.body.list[0].consumerSecret, consumerSecret);
  assert.equal(listed.body.list[0].keyState, 'COMPLETED');
  assert.deepEqual((await get(`/applications/${id}/oauth-keys/${keys.body.keyMappingId}`)).body, listed.body.list[0]);
  assert.deepEqual((await get(`/applications/${id}/keys`)).body, listed.body);
  assert.deepEqual((await get(`/applications/${id}/keys/PRODUCTION`)).body, listed.body.list[0]);
  assert.equal((await get(`/applications/${id}/keys/SANDBOX`)).status, 404);
});

test('lifetimes and properties are taken as numbers, as text and as JSON text of an object', async () => {
  const expected = { application_access_token_expiry_time: 900, pkceMandatory: true, note: 'kept' };
  const given = {
    application_access_token_expiry_time: '900',
    refresh_token_expiry_time: 'N/A',
    pkceMandatory: 'true',
    note: 'kept',
  };
  for (const additionalProperties of [given, JSON.stringify(given)]) {
    const id = await newApplication();
    const keys = await post(`/applications/${id}/generate-keys`, {
      ...production,
      validityTime: '600',
      additionalProperties,
    });
    assert.equal(keys.status, 200);
    assert.deepEqual(keys.body.additionalProperties, expected);
    assert.equal(keys.body.token.validityTime, 600);
    const later = await post(`/applications/${id}/keys/PRODUCTION/generate-token`);
    assert.equal(later.body.validityTime, 900);
  }
});

const refused: readonly [string, Record<string, unknown>, number][] = [
  ['an authorization code grant without a callback URL', { grantTypesToBeSupported: ['authorization_code'] }, 400],
  ['an implicit grant without a callback URL', { grantTypesToBeSupported: ['implicit'] }, 400],
  ['a grant that nobody knows', { grantTypesToBeSupported: ['magic'] }, 400],
  ['a callback URL that runs script', { callbackUrl: 'javascript:alert(1)' }, 400],
  ['an unknown key type', { keyType: 'STAGING' }, 400],
  ['an unknown key manager', { keyManager: 'Elsewhere' }, 404],
  ['a lifetime that is no number', { validityTime: 'soon' }, 400],
  ['a lifetime of zero', { validityTime: 0 }, 400],
  ['a client id that cannot stand in Basic credentials', { clientId: 'a:b' }, 400],
  ['a client id of 256 characters', { clientId: 'c'.repeat(256) }, 400],
  ['a client secret without bound', { clientSecret: 's'.repeat(513) }, 400],
  ['more scopes than anybody needs', { scopes: Array.from({ length: 201 }, (_, index) => `s${index}`) }, 400],
  ['properties that are not JSON', { additionalProperties: '{' }, 400],
  ['properties that are a list', { additionalProperties: [] }, 400],
  ['a property lifetime that is no number', { additionalProperties: { user_access_token_expiry_time: 'soon' } }, 400],
];
for (const [what, change, status] of refused) {
  test(`${what} makes no keys and no client`, async () => {
    const id = await newApplication();
    assert.equal((await post(`/applications/${id}/generate-keys`, { ...production, ...change })).status, status);
    assert.equal((await get(`/applications/${id}/oauth-keys`)).body.count, 0);
    assert.equal(await portals.organization.clients.findByName(`dora_${id}_PRODUCTION`), undefined);
  });
}

test('an application that is not approved gets no keys', async () => {
  const id = await newApplication();
  const application = await portals.organization.applications.get(id);
  assert.ok(application);
  await portals.organization.applications.update({ ...application, status: 'CREATED' });
  const answer = await post(`/applications/${id}/generate-keys`, production);
  assert.deepEqual([answer.status, answer.body.code], [400, 900309]);
});

test('keys of a type are made once, also when two ask at the same time', async () => {
  const id = await newApplication();
  const answers = await Promise.all([1, 2, 3].map(() => post(`/applications/${id}/generate-keys`, production)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
  assert.equal((await post(`/applications/${id}/generate-keys`, production)).body.code, 901409);
  const { list } = (await get(`/applications/${id}/oauth-keys`)).body;
  assert.equal(list.length, 1);
  assert.equal((await tokenEndpoint(list[0].consumerKey, list[0].consumerSecret)).status, 200);
});

test('a client that a crash left without keys does not stand in the way', async () => {
  const id = await newApplication();
  const { client } = await portals.keyManager.clients.create({
    ...{ organization: 'carbon.super', owner: 'dora', name: `dora_${id}_PRODUCTION` },
    grantTypes: ['client_credentials'],
  });
  await portals.organization.clients.update({ ...client, createdTime: Date.now() - 3_600_000 });
  assert.equal((await post(`/applications/${id}/generate-keys`, production)).status, 200);
});

test('a change of keys is in force at the token endpoint', async () => {
  const id = await newApplication();
  const keys = (await post(`/applications/${id}/generate-keys`, production)).body;
  const path = `/applications/${id}/oauth-keys/${keys.keyMappingId}`;
  const body = {
    supportedGrantTypes: ['password'],
    callbackUrl: 'https://app.example/back',
    additionalProperties: '{"x":"y"}',
  };
  const changed = await portals.devportal('PUT', path, { as: developer, body });
  assert.equal(changed.status, 200);
  assert.deepEqual(changed.body.supportedGrantTypes, ['password']);
  assert.deepEqual((await get(path)).body.additionalProperties, { x: 'y' });
  assert.equal((await tokenEndpoint(keys.consumerKey, keys.consumerSecret)).status, 400);
});

test('a new secret stops the old one at once', async () => {
  const id = await newApplication();
  const keys = (await post(`/applications/${id}/generate-keys`, production)).body;
  for (const path of [`/applications/${id}/oauth-keys/${keys.keyMappingId}`, `/applications/${id}/keys/PRODUCTION`]) {
    const before = (await get(path)).body.consumerSecret;
    const fresh = await post(`${path}/regenerate-secret`);
    assert.equal(fresh.status, 200);
    assert.equal(fresh.body.consumerKey, keys.consumerKey);
    assert.equal((await tokenEndpoint(keys.consumerKey, before)).status, 401);
    assert.equal((await tokenEndpoint(keys.consumerKey, fresh.body.consumerSecret)).status, 200);
  }
});

test('generate-token refuses a wrong secret, honours the lifetime and revokes the token named', async () => {
  const id = await newApplication();
  const keys = (await post(`/applications/${id}/generate-keys`, production)).body;
  const path = `/applications/${id}/oauth-keys/${keys.keyMappingId}/generate-token`;
  assert.equal((await post(path, { consumerSecret: 'wrong' })).status, 400);
  assert.equal((await post(path, { grantType: 'TOKEN_EXCHANGE' })).status, 400);
  const head = await portals.store.system.feed.head();
  const token = await post(path, {
    consumerSecret: keys.consumerSecret,
    validityPeriod: -1,
    scopes: ['default'],
    revokeToken: keys.token.accessToken,
  });
  assert.equal(token.status, 200);
  assert.equal(token.body.validityTime, -1);
  assert.ok(Array.isArray(token.body.tokenScopes));
  const events = await portals.store.system.feed.after(head, 'Default', 10);
  assert.ok(events.some(({ kind }) => kind === 'revocation'));
  const old = await post(`/applications/${id}/keys/PRODUCTION/generate-token`, { validityPeriod: 60 });
  assert.equal(old.body.validityTime, 60);
});

test('keys without client credentials come without a token and get none generated', async () => {
  const id = await newApplication();
  const keys = await post(`/applications/${id}/generate-keys`, {
    ...production,
    grantTypesToBeSupported: ['password'],
  });
  assert.equal(keys.status, 200);
  assert.equal(keys.body.token, undefined);
  const token = await post(`/applications/${id}/oauth-keys/${keys.body.keyMappingId}/generate-token`);
  assert.equal(token.status, 400);
});

test('removed and cleaned-up keys are gone with their client, and can be made anew', async () => {
  const id = await newApplication();
  const first = (await post(`/applications/${id}/generate-keys`, production)).body;
  const path = `/applications/${id}/oauth-keys/${first.keyMappingId}`;
  assert.equal((await portals.devportal('DELETE', path, { as: developer })).status, 200);
  assert.equal((await portals.devportal('DELETE', path, { as: developer })).status, 404);
  assert.equal((await tokenEndpoint(first.consumerKey, first.consumerSecret)).status, 401);
  assert.equal((await post(`/applications/${id}/generate-keys`, production)).status, 200);
  assert.equal((await post(`/applications/${id}/keys/PRODUCTION/clean-up`)).status, 200);
  assert.equal((await get(`/applications/${id}/oauth-keys`)).body.count, 0);
});

test('a client that exists is mapped by who knows its secret, once, and outlives the application', async () => {
  const { client, secret } = await portals.keyManager.clients.create({
    ...{ organization: 'carbon.super', owner: 'dora', name: 'outside' },
    grantTypes: ['client_credentials'],
  });
  const id = await newApplication();
  const mapping = { consumerKey: client.clientId, consumerSecret: secret, keyType: 'PRODUCTION' };
  const path = `/applications/${id}/map-keys`;
  assert.equal((await post(path, { ...mapping, consumerSecret: 'wrong' })).status, 400);
  assert.equal((await post(path, { ...mapping, consumerKey: 'unknown' })).status, 400);
  const mapped = await post(path, mapping);
  assert.equal(mapped.status, 200);
  assert.equal(mapped.body.mode, 'MAPPED');
  assert.equal((await post(path, mapping)).status, 409);
  const other = await newApplication(otherDeveloper);
  assert.equal((await post(`/applications/${other}/map-keys`, mapping, otherDeveloper)).status, 409);
  await portals.devportal('DELETE', `/applications/${id}`, { as: developer });
  assert.equal((await tokenEndpoint(client.clientId, secret)).status, 200);
});

test('own credentials are taken, and those of somebody else are not', async () => {
  const own = { clientId: 'chosen-client', clientSecret: 'chosen-secret-0123456789' };
  const id = await newApplication();
  const keys = await post(`/applications/${id}/generate-keys`, { ...production, ...own });
  assert.equal(keys.status, 200);
  assert.deepEqual([keys.body.consumerKey, keys.body.consumerSecret], [own.clientId, own.clientSecret]);
  const other = await newApplication(otherDeveloper);
  assert.equal(
    (await post(`/applications/${other}/generate-keys`, { ...production, ...own }, otherDeveloper)).status,
    409,
  );
});

test('the key manager is listed, and taken by its id too', async () => {
  const listed = await get('/key-managers');
  assert.equal(listed.body.count, 1);
  assert.equal(listed.body.list[0].tokenEndpoint, `${portals.url}/oauth2/token`);
  const id = await newApplication();
  const keys = await post(`/applications/${id}/generate-keys`, { ...production, keyManager: listed.body.list[0].id });
  assert.equal(keys.body.keyManager, 'Resident Key Manager');
});
