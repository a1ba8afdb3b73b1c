import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type EndpointSecurity, endpointSecrets } from '@sluice/model';
import { entry, leaf } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { bearer, startBackend } from '../testing/http.ts';

const key = randomBytes(32);
const secrets = endpointSecrets(key);
const sealed = (text: string, apiId = 'api-1') => String(secrets.seal({ password: text }, apiId).password);

async function world(t: TestContext, security: EndpointSecurity, options = {}): Promise<Stage> {
  const common = await stage(t, options);
  const { backend } = common;
  await common.put(
    entry.api(
      ordersApi(backend, { endpoints: { production: leaf(`${backend.url}/b?own=1`, { security }), sandbox: null } }),
    ),
  );
  return common;
}

const withKey = { backendSecurity: { key: key.toString('base64') } };
const good = () => ({ headers: bearer(issuer.token()) });
const inHeader = (name: string, value: string): EndpointSecurity => ({
  type: 'apikey',
  parameters: { apiKeyIdentifier: name, apiKeyValue: value, apiKeyIdentifierType: 'HEADER' },
});
const inQuery = (name: string, value: string): EndpointSecurity => ({
  type: 'apikey',
  parameters: { apiKeyIdentifier: name, apiKeyValue: value, apiKeyIdentifierType: 'QUERY_PARAMETER' },
});

test("a key in a header stands in the place of the client's", async (t) => {
  const { call, backend } = await world(t, inHeader('X-Api-Key', 'k 1'));
  await call('/orders/1.0.0/a', { headers: { ...bearer(issuer.token()), 'x-api-key': 'guess' } });
  assert.equal(backend.received[0]?.headers['x-api-key'], 'k 1');
});

test("a key in the query stands in the place of the client's, however that is spelt", async (t) => {
  const { call, backend } = await world(t, inQuery('api key', 'a&b=c'));
  const target = async (query: string) => {
    await call(`/orders/1.0.0/a${query}`, good());
    return backend.received.at(-1)?.url;
  };
  const own = '/b/a?own=1&api%20key=a%26b%3Dc';
  assert.equal(await target(''), own);
  assert.equal(await target('?x=1&y'), `${own}&x=1&y`);
  assert.equal(await target('?x=1&api+key=guess&api%20key&%61pi%20key=2&z=%zz'), `${own}&x=1&z=%zz`);
  assert.equal(await target('?api+key='), own);
});

test('a key that would write other header lines makes the endpoint unusable, and is not shown', async (t) => {
  for (const security of [
    inHeader('X-Key', 'secret\r\nX: 1'),
    inHeader('X-Key', ''),
    inHeader('X Key', 'secret'),
    inHeader('Content-Length', 'secret'),
    inHeader('', 'secret'),
    inQuery('', 'secret'),
    inQuery('k', ''),
  ]) {
    const { call, backend, logged } = await world(t, security);
    const answer = await call('/orders/1.0.0/a', good());
    assert.equal(answer.headers['sluice-cause'], 'endpoint-unresolved');
    assert.equal(backend.received.length, 0);
    assert.doesNotMatch(answer.body + JSON.stringify(logged), /secret/);
  }
});

test('sealed secrets are opened by the key, for the API that they were sealed for', async (t) => {
  const basic = (password: string): EndpointSecurity => ({ type: 'basic', username: 'u', password, parameters: {} });
  const { call, backend } = await world(t, basic(sealed('p:\u00e4')), withKey);
  await call('/orders/1.0.0/a', good());
  const line = `Basic ${Buffer.from('u:p:\u00e4').toString('base64')}`;
  assert.equal(backend.received[0]?.headers.authorization, line);

  const moved = await world(t, basic(sealed('p', 'api-2')), withKey);
  const refused = await moved.call('/orders/1.0.0/a', good());
  assert.equal(refused.headers['sluice-cause'], 'endpoint-unresolved');
  assert.equal(moved.backend.received.length, 0);
});

test('a gateway with no key or another one says which is needed', async (t) => {
  const other = randomBytes(32);
  for (const [options, says] of [
    [{}, `sealed with the key ${secrets.keyId}, and there is no key here`],
    [
      { backendSecurity: { key: other.toString('base64') } },
      `sealed with the key ${secrets.keyId}, and the key here is ${endpointSecrets(other).keyId}`,
    ],
  ] as const) {
    const { call, backend } = await world(t, inHeader('X-Key', sealed('k')), options);
    const answer = await call('/orders/1.0.0/a', good());
    assert.match(answer.body, new RegExp(says));
    assert.equal(backend.received.length, 0);
  }
});

test('AWS signatures are refused by name', async (t) => {
  const { call } = await world(t, { type: 'aws', parameters: { region: 'eu-west-1' } });
  assert.match((await call('/orders/1.0.0/a', good())).body, /type aws is not supported/);
});

test("a password that the backend refuses is the gateway's fault; a 401 about something else is the client's to see", async (t) => {
  for (const [challenge, status] of [
    ['Basic realm="b"', 502],
    ['Bearer', 401],
  ] as const) {
    const backend = await startBackend('b', (_, response) =>
      response.writeHead(401, { 'WWW-Authenticate': challenge }).end('no'),
    );
    t.after(() => backend.close());
    const { call, put } = await stage(t);
    const security = { type: 'basic', username: 'u', password: 'p', parameters: {} } as const;
    await put(
      entry.api(ordersApi(backend, { endpoints: { production: leaf(backend.url, { security }), sandbox: null } })),
    );
    const answer = await call('/orders/1.0.0/a', { ...good(), method: 'POST', body: 'x' });
    assert.equal(answer.status, status);
    assert.equal(answer.headers['sluice-cause'], status === 502 ? 'backend-credentials-refused' : undefined);
    assert.equal(backend.received.length, 1);
  }
});
