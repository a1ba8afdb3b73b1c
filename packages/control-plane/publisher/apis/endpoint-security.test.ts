import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DeployedApi, EndpointSecurity, Json, JsonObject } from '@sluice/model';
import { apiBody, type RunningControlPlane, startControlPlane } from '../../testing/control-plane.ts';

let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane();
});
after(() => running.close());

const oauth = {
  enabled: true,
  type: 'OAUTH',
  grantType: 'PASSWORD',
  tokenUrl: 'https://idp/token',
  clientId: 'gate',
  clientSecret: 'hush-client',
  username: 'mary',
  password: 'hush-mary',
  customParameters: { scope: 'a', client_assertion: 'hush-assertion' },
  proxyConfigType: 'ENDPOINT_SPECIFIC',
  proxyConfigs: { proxyEnabled: true, proxyHost: 'p', proxyPort: 3128, proxyPassword: 'hush-proxy' },
};
const apikey = { enabled: true, type: 'apikey', apiKeyIdentifier: 'X-Key', apiKeyValue: 'hush-key' };

function config(production: Json, sandbox: Json = apikey): JsonObject {
  return {
    endpoint_type: 'http',
    production_endpoints: { url: 'http://a' },
    sandbox_endpoints: { url: 'http://b' },
    endpoint_security: { production, sandbox },
  };
}

async function create(name: string, endpointConfig: JsonObject): Promise<{ id: string; endpointConfig: JsonObject }> {
  return (await running.publisher('POST', '/apis', { json: apiBody(name, { endpointConfig }), expect: 201 })).body;
}

/** Deploys a revision and gives what gateways are told of it. */
async function deploy(id: string): Promise<DeployedApi> {
  const { body } = await running.publisher('POST', `/apis/${id}/revisions`, { json: {}, expect: 201 });
  await running.events();
  await running.publisher('POST', `/apis/${id}/deploy-revision?revisionId=${body.id}`, {
    json: [{ name: 'Default', vhost: 'localhost' }],
    expect: 201,
  });
  const event = (await running.events()).find((each) => each.kind === 'api' && each.id === id);
  return event?.value as DeployedApi;
}

function securityOf(api: DeployedApi, side: 'production' | 'sandbox'): EndpointSecurity {
  const endpoint = api.endpoints[side];
  assert.ok(endpoint !== null && 'security' in endpoint && endpoint.security !== null);
  return endpoint.security;
}

test('no secret is in a row, an event, a snapshot or an answer, and gateways with the key can open them', async () => {
  const made = await create('Sealed', config(oauth));
  const deployed = await deploy(made.id);
  const { body: read } = await running.publisher('GET', `/apis/${made.id}`);
  const rows = await running.organization.apis.get(made.id);
  const revisions = await running.organization.revisions.list(made.id);
  const snapshot = await running.controlPlane.feed('Default').snapshot(new AbortController().signal);
  assert.doesNotMatch(JSON.stringify([made, deployed, read, rows, revisions, snapshot]), /hush/);
  assert.equal(read.endpointConfig.endpoint_security.production.clientSecret, '');
  assert.equal(read.endpointConfig.endpoint_security.production.customParameters.client_assertion, '');
  assert.equal(read.endpointConfig.endpoint_security.production.customParameters.scope, 'a');
  const served = snapshot.entries.find((entry) => entry.kind === 'api' && entry.id === made.id)?.value as DeployedApi;
  for (const api of [deployed, served]) {
    const production = securityOf(api, 'production');
    const open = (value: unknown) => running.secrets.open(String(value), made.id);
    assert.equal(open(production.password), 'hush-mary');
    assert.equal(open(production.parameters.clientSecret), 'hush-client');
    assert.equal(open(securityOf(api, 'sandbox').parameters.apiKeyValue), 'hush-key');
    assert.equal(production.username, 'mary');
  }
});

test('what is read and put back keeps its secrets, one that is given replaces its own alone', async () => {
  const { id, endpointConfig } = await create('Kept', config(oauth));
  const put = (changed: JsonObject) =>
    running.publisher('PUT', `/apis/${id}`, { json: apiBody('Kept', { endpointConfig: changed }), expect: 200 });
  const secretsOf = async () => {
    const { endpointConfig: stored } = (await running.organization.apis.get(id)) ?? {};
    assert.ok(stored);
    return JSON.stringify(running.secrets.unseal(stored, id)).match(/hush-\w+/g);
  };
  const all = ['hush-client', 'hush-mary', 'hush-assertion', 'hush-proxy', 'hush-key'];
  await put(endpointConfig);
  assert.deepEqual(await secretsOf(), all);
  await put(config({ ...oauth, clientSecret: 'hush-new', password: '' }));
  assert.deepEqual(await secretsOf(), ['hush-new', ...all.slice(1)]);
});

test('a new version has the secrets, sealed for itself, and a revision that is restored brings its own back', async () => {
  const { id } = await create('Copied', config(oauth));
  const { body: copy } = await running.publisher('POST', `/apis/copy-api?apiId=${id}&newVersion=2.0.0`, {
    expect: 201,
  });
  const { password } = securityOf(await deploy(copy.id), 'production');
  assert.equal(running.secrets.open(String(password), copy.id), 'hush-mary');
  const [revision] = await running.organization.revisions.list(copy.id);
  await running.publisher('PUT', `/apis/${copy.id}`, {
    json: { ...copy, endpointConfig: config({ ...oauth, password: 'hush-later' }) },
    expect: 200,
  });
  await running.publisher('POST', `/apis/${copy.id}/restore-revision?revisionId=${revision?.id}`, { expect: 201 });
  const restored = securityOf(await deploy(copy.id), 'production').password;
  assert.equal(running.secrets.open(String(restored), copy.id), 'hush-mary');
});

test('security that cannot work is refused, by the name of the member and without its value', async () => {
  const wrong: [security: Json, path: string, says: RegExp][] = [
    [{ enabled: true, type: 'kerberos' }, 'type', /one of none, basic, digest, oauth, apikey, aws/],
    [{ enabled: true }, 'type', /one of none, basic/],
    [{ enabled: true, type: 'DIGEST', password: 'hush' }, 'username', /username for the type digest/],
    [{ ...oauth, tokenUrl: 'ftp://hush:hush@x' }, 'tokenUrl', /http/],
    [{ ...oauth, tokenUrl: '' }, 'tokenUrl', /tokenUrl for the type oauth/],
    [{ ...oauth, grantType: 'implicit' }, 'grantType', /CLIENT_CREDENTIALS, PASSWORD/],
    [{ ...oauth, username: '' }, 'username', /username for the type oauth/],
    [{ ...oauth, clientSecret: ['hush'] }, 'clientSecret', /text/],
    [{ ...apikey, apiKeyIdentifier: 'X Key' }, 'apiKeyIdentifier', /the name of a header/],
    [{ ...apikey, apiKeyIdentifierType: 'COOKIE' }, 'apiKeyIdentifierType', /HEADER, QUERY_PARAMETER/],
  ];
  for (const [security, member, says] of wrong) {
    const { body } = await running.publisher('POST', '/apis', {
      json: apiBody('Wrong', { endpointConfig: config(security) }),
      expect: 400,
    });
    assert.match(body.description, new RegExp(`endpoint_security.production.${member}`));
    assert.match(body.description, says);
    assert.doesNotMatch(JSON.stringify(body), /hush/);
  }
});
