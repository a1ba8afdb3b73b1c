import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { ListenError } from './index.ts';
import { people, type RunningControlPlane, startControlPlane } from './testing/control-plane.ts';

let ready = false;
let running: RunningControlPlane;
before(async () => {
  running = await startControlPlane({ gatewayReady: () => ready, metrics: () => 'other_room 1\n' });
});
after(() => running.close());

async function overTls(path: string): Promise<{ status: number; body: string }> {
  const sent = request({
    host: '127.0.0.1',
    port: running.httpsPort,
    path,
    ca: running.certificate,
    servername: 'localhost',
    agent: false,
  }).end();
  const [response] = await once(sent, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}
async function raw(text: string, { httpUrl } = running): Promise<string> {
  const socket = connect(Number(new URL(httpUrl).port), '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

test('probes answer on both ports, metrics on the inner one alone', async () => {
  for (const path of ['/healthz', '/readyz', '/services/Version']) {
    assert.equal((await running.call('GET', path)).status, 200, path);
    assert.equal((await overTls(path)).status, 200, path);
    assert.equal((await running.call('HEAD', path)).status, 200, `HEAD ${path}`);
  }
  await running.publisher('GET', '/apis', { expect: 200 });
  const { body } = await running.call('GET', '/metrics', { expect: 200 });
  assert.match(body, /sluice_rest_request_duration_seconds_count\{method="GET",portal="publisher",status="2xx"\} \d/);
  assert.match(body, /other_room 1/);
  assert.equal((await overTls('/metrics')).status, 404);
});

test('the startup probe is 200 once the gateway serves', async () => {
  const probe = async () => (await overTls('/api/am/gateway/v2/server-startup-healthcheck')).status;
  assert.equal(await probe(), 503);
  ready = true;
  assert.equal(await probe(), 200);
});

test('every portal, the key manager and the feed answer on one port', async () => {
  for (const portal of ['publisher/v4', 'devportal/v3', 'admin/v4']) {
    const { body, status } = await running.call('GET', `/api/am/${portal}/swagger.yaml`);
    assert.equal(status, 200);
    assert.match(body, /^openapi: 3/);
  }
  assert.equal((await running.call('GET', '/oauth2/jwks')).status, 200);
  await running.call('GET', '/internal/feed/v1/snapshot?environment=Default', { as: people.admin, expect: 200 });
  assert.equal((await running.call('GET', '/nowhere')).body.code, 404);
  assert.equal((await overTls('/api/am/publisher/v4/apis')).status, 401);
});

test('a token of the key manager opens the portals', async () => {
  const client = (
    await running.call('POST', '/client-registration/v0.17/register', {
      as: people.admin,
      json: {
        clientName: 'script',
        owner: 'admin',
        grantType: 'password client_credentials',
        callbackUrl: 'www.google.lk',
        saasApp: true,
      },
      expect: 200,
    })
  ).body;
  const query = new URLSearchParams({
    grant_type: 'password',
    username: 'admin',
    password: 'admin',
    scope: 'apim:api_view',
  });
  const { access_token: token } = (
    await running.call('POST', `/oauth2/token?${query}`, {
      as: `${client.clientId}:${client.clientSecret}`,
      expect: 200,
    })
  ).body;
  await running.publisher('GET', '/apis', { as: token, expect: 200 });
  await running.publisher('POST', '/apis', { as: token, json: {}, expect: 401 });
  await running.publisher('GET', '/apis', { as: `${token}x`, expect: 401 });
});

test('what is no HTTP, or too much of it, is answered in the form of every other error', async () => {
  assert.match(await raw('HELLO\r\n\r\n'), /^HTTP\/1\.1 400 [\s\S]*"code":400/);
  assert.match(
    await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`),
    /^HTTP\/1\.1 431 [\s\S]*"code":431/,
  );
  assert.match(
    await raw('GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1\.1 400 [\s\S]*"code":400/,
  );
});

test('a head may be as large as the listener says', async () => {
  const narrow = await startControlPlane({ http: { host: '127.0.0.1', port: 0, maxHeadBytes: 2000 } });
  const head = (length: number) =>
    `GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: ${'x'.repeat(length)}\r\n\r\n`;
  try {
    assert.match(await raw(head(1000), narrow), /^HTTP\/1\.1 200/);
    assert.match(await raw(head(2000), narrow), /^HTTP\/1\.1 431/);
    assert.match(await raw(head(30_000)), /^HTTP\/1\.1 200/);
  } finally {
    await narrow.close();
  }
});

test('a port in use is named, and the other listener does not stay open', async () => {
  const port = Number(new URL(running.httpUrl).port);
  await assert.rejects(startControlPlane({ http: { host: '127.0.0.1', port } }), (error: ListenError) => {
    assert.ok(error instanceof ListenError);
    assert.equal(error.port, port);
    assert.match(error.message, new RegExp(`port ${port}.*--offset`));
    return true;
  });
});

test('a stop finishes the call in flight and then accepts no other', async () => {
  const other = await startControlPlane();
  const port = Number(new URL(other.httpUrl).port);
  const socket = connect(port, '127.0.0.1');
  const form = '{"name":"Late","context":"/late","version":"1"}';
  socket.write(
    `POST /api/am/publisher/v4/apis HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${btoa(people.admin)}\r\nContent-Type: application/json\r\nContent-Length: ${form.length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  await once(socket, 'data');
  const closed = other.close();
  socket.write(form);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  assert.match(answer, /^HTTP\/1\.1 201 /);
  await closed;
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
});
