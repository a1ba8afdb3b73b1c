import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type Program, startProgram } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  devportal,
  httpEndpoint,
  type Journey,
  journey,
  publisher,
  subscribe,
} from './journey.ts';
import { RestClient } from './rest-client.ts';

const operations = [
  { target: '/orders', verb: 'GET', authType: 'Application & Application User', throttlingPolicy: 'Unlimited' },
  { target: '/orders/{id}', verb: 'GET', authType: 'Application & Application User', throttlingPolicy: 'Unlimited' },
  { target: '/orders/{id}', verb: 'PUT', authType: 'Application & Application User', throttlingPolicy: 'Unlimited' },
  { target: '/open', verb: 'GET', authType: 'None', throttlingPolicy: 'Unlimited' },
];

describe('what the gateway refuses, and how it says so', () => {
  let program: Program;
  let job: Journey;
  let gateway: string;
  let apiId: string;
  let keys: Awaited<ReturnType<typeof subscribe>>;
  let token: string;
  const cleanups: (() => void | Promise<void>)[] = [];
  // The suite's own context outlives its tests, so that they share one program.
  const suite = { after: (cleanup: () => void) => cleanups.push(cleanup) } as unknown as TestContext;

  before(async () => {
    const backend = await recordingBackend(suite, () => ok('{"from":"backend"}'));
    program = await startProgram(suite, { args: ['start', '--no-sample'] });
    gateway = program.urls.gateway as string;
    job = journey(program.urls.controlHttp as string);
    const api = await createApi(job, {
      name: 'Orders',
      context: '/orders-api',
      version: '1.0.0',
      operations,
      endpointConfig: httpEndpoint(backend.url),
    });
    apiId = api.id;
    await deploy(job, apiId);
    await changeLifecycle(job, apiId, 'Publish');
    keys = await subscribe(job, apiId);
    token = await clientToken(job, keys);
    await eventually('the API serves', 5000, async () =>
      (await call(gateway, '/orders-api/1.0.0/orders', { token })).status === 200 ? true : undefined,
    );
  });

  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  test('a call without token is 401 900902 with the challenge', async () => {
    const response = await call(gateway, '/orders-api/1.0.0/orders');
    assert.equal(response.status, 401);
    assert.match(response.headers['content-type'] ?? '', /^application\/json/);
    assert.equal(response.json().code, '900902');
    assert.equal(response.json().message, 'Missing Credentials');
    assert.equal(
      response.headers['www-authenticate'],
      'Internal API Key realm="WSO2 API Manager", Bearer realm="WSO2 API Manager", error="invalid_token", error_description="The provided token is invalid"',
    );
    assert.ok(response.headers['sluice-cause']);
  });

  test('a token that nobody issued is 401 900901', async () => {
    for (const bad of ['nonsense', `${token}x`, `${token.slice(0, -4)}AAAA`]) {
      const response = await call(gateway, '/orders-api/1.0.0/orders', { token: bad });
      assert.equal(response.status, 401, bad);
      assert.equal(response.json().code, '900901');
    }
  });

  test('an expired token is 401 900901', async () => {
    const short = await job.admin.post(
      `${devportal}/applications/${keys.applicationId}/oauth-keys/${keys.keyMappingId}/generate-token`,
      {
        consumerSecret: keys.consumerSecret,
        validityPeriod: 2,
        scopes: [],
      },
    );
    const expired = short.json.accessToken;
    assert.equal((await call(gateway, '/orders-api/1.0.0/orders', { token: expired })).status, 200);
    const response = await eventually('the token expires', 10_000, async () => {
      const answer = await call(gateway, '/orders-api/1.0.0/orders', { token: expired });
      return answer.status === 200 ? undefined : answer;
    });
    assert.equal(response.status, 401);
    assert.equal(response.json().code, '900901');
  });

  test('a revoked token is refused within a second, in every textual form', async () => {
    const revoked = await clientToken(job, keys);
    assert.equal((await call(gateway, '/orders-api/1.0.0/orders', { token: revoked })).status, 200);
    const client = new RestClient(
      job.control,
      `Basic ${Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')}`,
    );
    await client.call('POST', '/oauth2/revoke', {
      urlencoded: { token: revoked, token_type_hint: 'access_token' },
      expect: 200,
    });
    const response = await eventually('the revocation reaches the gateway', 1000, async () => {
      const answer = await call(gateway, '/orders-api/1.0.0/orders', { token: revoked });
      return answer.status === 200 ? undefined : answer;
    });
    assert.equal(response.status, 401);
    assert.equal(response.json().code, '900901');
    assert.notEqual((await call(gateway, '/orders-api/1.0.0/orders', { token: `${revoked}=` })).status, 200);
  });

  test('an application without subscription is 403 900908', async () => {
    const stranger = await createApi(job, {
      name: 'Other',
      context: '/other',
      version: '1',
      operations,
      endpointConfig: httpEndpoint('http://127.0.0.1:9'),
    });
    await deploy(job, stranger.id);
    await changeLifecycle(job, stranger.id, 'Publish');
    const response = await eventually('the other API serves', 5000, async () => {
      const answer = await call(gateway, '/other/1/orders', { token });
      return answer.status === 404 ? undefined : answer;
    });
    assert.equal(response.status, 403);
    assert.equal(response.json().code, '900908');
    assert.equal(response.headers['www-authenticate'], undefined);
  });

  test('an unknown API and an unknown resource are 404, a wrong method is 405', async () => {
    const nowhere = await call(gateway, '/nowhere/1.0.0/x', { token });
    assert.equal(nowhere.status, 404);
    assert.deepEqual(nowhere.json(), {
      code: '404',
      type: 'Status report',
      message: 'Not Found',
      description: 'The requested resource is not available.',
    });
    const resource = await call(gateway, '/orders-api/1.0.0/invoices', { token });
    assert.equal(resource.status, 404);
    assert.equal(resource.json().description, 'No matching resource found for given API Request');
    const method = await call(gateway, '/orders-api/1.0.0/orders/7', { method: 'DELETE', token });
    assert.equal(method.status, 405);
    assert.equal(method.json().code, '405');
    assert.equal(method.json().description, 'Method not allowed for given API resource');
  });

  test('XML and SOAP clients get faults they can read', async () => {
    const xml = await call(gateway, '/orders-api/1.0.0/orders', { headers: { Accept: 'application/xml' } });
    assert.equal(xml.status, 401);
    assert.match(xml.headers['content-type'] ?? '', /xml/);
    assert.match(
      xml.text,
      /<ams:fault xmlns:ams="http:\/\/wso2.org\/apimanager\/security">.*<ams:code>900902<\/ams:code>/s,
    );
    const soap = await call(gateway, '/orders-api/1.0.0/orders', {
      method: 'GET',
      headers: { 'Content-Type': 'text/xml', SOAPAction: '"urn:orders"' },
    });
    assert.match(soap.text, /<\w+:?Envelope[^>]*http:\/\/schemas.xmlsoap.org\/soap\/envelope\//);
    assert.match(soap.text, /Authentication Failure/);
  });

  test('an operation without security needs no token', async () => {
    assert.equal((await call(gateway, '/orders-api/1.0.0/open')).status, 200);
  });

  test('a test key calls an API that is not published', async () => {
    const draft = await createApi(job, {
      name: 'Draft',
      context: '/draft',
      version: '1.0.0',
      operations,
      endpointConfig: httpEndpoint(
        (await job.admin.get(`${publisher}/apis/${apiId}`)).json.endpointConfig.production_endpoints.url,
      ),
    });
    await deploy(job, draft.id);
    const { json } = await job.admin.post(`${publisher}/apis/${draft.id}/generate-key`);
    await eventually('the test key works', 5000, async () =>
      (await call(gateway, '/draft/1.0.0/orders', { headers: { 'Internal-Key': json.apikey } })).status === 200
        ? true
        : undefined,
    );
    const elsewhere = await call(gateway, '/orders-api/1.0.0/orders', { headers: { 'Internal-Key': json.apikey } });
    assert.notEqual(elsewhere.status, 200, 'a test key is for one API');
  });

  test('a blocked API is 503 700700 and comes back', async () => {
    await changeLifecycle(job, apiId, 'Block');
    const response = await eventually('the block reaches the gateway', 1000, async () => {
      const answer = await call(gateway, '/orders-api/1.0.0/orders', { token });
      return answer.status === 200 ? undefined : answer;
    });
    assert.equal(response.status, 503);
    assert.equal(response.json().code, '700700');
    assert.equal(response.json().type, 'API blocked');
    assert.equal(response.json().message, undefined);
    await changeLifecycle(job, apiId, 'Re-Publish');
    await eventually('the API is back', 1000, async () =>
      (await call(gateway, '/orders-api/1.0.0/orders', { token })).status === 200 ? true : undefined,
    );
  });

  test('a removed subscription stops the application', async () => {
    await job.admin.call('DELETE', `${devportal}/subscriptions/${keys.subscriptionId}`, { expect: 200 });
    const response = await eventually('the removal reaches the gateway', 1000, async () => {
      const answer = await call(gateway, '/orders-api/1.0.0/orders', { token });
      return answer.status === 200 ? undefined : answer;
    });
    assert.equal(response.status, 403);
    assert.equal(response.json().code, '900908');
  });
});
