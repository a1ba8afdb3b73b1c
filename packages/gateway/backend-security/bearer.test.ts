import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { entry, leaf } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { type Answer, bearer, type Received, startBackend, type TestBackend } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import { blackHole } from '../transport/testing/black-hole.ts';

const parameters = { grantType: 'CLIENT_CREDENTIALS', clientId: 'the-client', clientSecret: 'the-secret' };

interface World {
  readonly stage: Stage;
  readonly tokens: TestBackend;
  readonly backend: TestBackend;
  deploy(parameters: Record<string, unknown>, more?: object): Promise<void>;
  call(path?: string): Promise<Answer>;
}

/** A gateway, a token endpoint that answers with `grant`, and a backend that answers with `serve`. */
async function world(
  t: TestContext,
  grant: (received: Received, response: ServerResponse, count: number) => void = granting(3600),
  serve: (received: Received, response: ServerResponse) => void = (_, response) => response.end('served'),
  options = {},
): Promise<World> {
  let count = 0;
  const tokens = await startBackend('tokens', (received, response) => grant(received, response, ++count));
  const backend = await startBackend('backend', serve);
  t.after(() => Promise.all([tokens.close(), backend.close()]));
  const common = await stage(t, options);
  const deploy: World['deploy'] = (given, more = {}) => {
    const security = { type: 'oauth', parameters: { tokenUrl: `${tokens.url}/token`, ...given }, ...more } as const;
    const production = leaf(backend.url, { security });
    return common.put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
  };
  await deploy(parameters);
  const call = (path = '/a') => common.call(`/orders/1.0.0${path}`, { headers: bearer(issuer.token()) });
  return { stage: common, tokens, backend, deploy, call };
}

/** `token-1`, `token-2`, … */
function granting(expires: unknown) {
  return (_: Received, response: ServerResponse, count: number) =>
    response.end(JSON.stringify({ access_token: `token-${count}`, token_type: 'bearer', expires_in: expires }));
}

const shown = (backend: TestBackend) => backend.received.map(({ headers }) => headers.authorization);

test('a token is fetched once for all calls, by the credentials of the endpoint', async (t) => {
  const { tokens, backend, call } = await world(t);
  const answers = await Promise.all(Array.from({ length: 20 }, () => call()));
  assert.ok(answers.every(({ status }) => status === 200));
  await call();
  assert.equal(tokens.received.length, 1);
  assert.equal(tokens.received[0]?.method, 'POST');
  assert.equal(tokens.received[0]?.url, '/token');
  assert.equal(tokens.received[0]?.body, 'grant_type=client_credentials');
  assert.equal(
    tokens.received[0]?.headers.authorization,
    `Basic ${Buffer.from('the-client:the-secret').toString('base64')}`,
  );
  assert.deepEqual([...new Set(shown(backend))], ['Bearer token-1']);
});

test('a redeployment with the same credentials keeps the token; others get one of their own', async (t) => {
  const { tokens, backend, deploy, call } = await world(t);
  await call();
  await deploy(parameters);
  await call();
  assert.equal(tokens.received.length, 1);
  await deploy({ ...parameters, customParameters: { scope: 'a b', audience: 'ä&=' } });
  await call();
  assert.equal(tokens.received[1]?.body, 'grant_type=client_credentials&scope=a+b&audience=%C3%A4%26%3D');
  assert.deepEqual(shown(backend), ['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
});

test('the password grant renews by its refresh token, and begins anew where that is refused', async (t) => {
  const { tokens, deploy, call } = await world(t, (_, response, count) => {
    if (count === 3) response.writeHead(400).end('{"error":"invalid_grant"}');
    else response.end(JSON.stringify({ access_token: `t${count}`, expires_in: 0, refresh_token: `r${count}` }));
  });
  await deploy({ ...parameters, grantType: 'PASSWORD' }, { username: 'mary', password: 'p w' });
  for (let n = 0; n < 3; n++) assert.equal((await call()).status, 200);
  assert.deepEqual(
    tokens.received.map(({ body }) => body),
    [
      'grant_type=password&username=mary&password=p+w',
      'grant_type=refresh_token&refresh_token=r1',
      'grant_type=refresh_token&refresh_token=r2',
      'grant_type=password&username=mary&password=p+w',
    ],
  );
});

test('a token that expires at once serves the calls that waited for it, and no others', async (t) => {
  const { tokens, backend, call } = await world(t, granting('0'));
  await call();
  await call();
  assert.equal(tokens.received.length, 2);
  assert.deepEqual(shown(backend), ['Bearer token-1', 'Bearer token-2']);
});

test('a token that the backend refuses is replaced once, and the call repeated with its body', async (t) => {
  const { stage, tokens, backend } = await world(t, granting(3600), (received, response) => {
    if (received.headers.authorization === 'Bearer token-2') response.end(received.body);
    else response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end();
  });
  const headers = bearer(issuer.token());
  const send = (body: string) => stage.call('/orders/1.0.0/a', { method: 'POST', headers, body });
  assert.equal((await send('hello')).body, 'hello');
  assert.equal((await send('again')).body, 'again');
  assert.equal(tokens.received.length, 2);
  assert.deepEqual(shown(backend), ['Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
});

test('a backend that refuses every token costs one renewal, not one for each call, and the client sees no challenge', async (t) => {
  const { stage, tokens, backend, call } = await world(t, granting(3600), (_, response) =>
    response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="b"' }).end(),
  );
  const began = performance.now();
  for (let n = 0; n < 10; n++) {
    const answer = await call();
    assert.equal(answer.status, 502);
    assert.equal(answer.headers['sluice-cause'], 'backend-credentials-refused');
    assert.equal(answer.headers['www-authenticate'], undefined);
  }
  const renewals = 1 + Math.floor((performance.now() - began) / 1000);
  assert.ok(tokens.received.length <= 1 + renewals);
  assert.ok(backend.received.length <= 10 + renewals);
  assert.doesNotMatch(JSON.stringify(stage.logged), /token-|the-secret/);
});

test('with the repetition switched off a refused token is the last of its call, and is replaced for the next', async (t) => {
  const { tokens, backend, call } = await world(
    t,
    granting(3600),
    (received, response) => {
      const refused = received.headers.authorization === 'Bearer token-1';
      response.writeHead(refused ? 401 : 200, refused ? { 'WWW-Authenticate': 'Bearer' } : {}).end();
    },
    { backendSecurity: { repeatsWithNewToken: false } },
  );
  assert.equal((await call()).status, 502);
  assert.equal((await call()).status, 200);
  assert.equal(tokens.received.length, 2);
  assert.equal(backend.received.length, 2);
});

test('a 401 that is not about the token goes to the client after one renewal', async (t) => {
  const { call } = await world(t, granting(3600), (_, response) => response.writeHead(401).end('not you'));
  const answer = await call();
  assert.equal(answer.status, 401);
  assert.equal(answer.body, 'not you');
});

const hostile: [name: string, answer: (response: ServerResponse) => void, cause: string, says: RegExp][] = [
  [
    'refuses the client',
    (r) => r.writeHead(401).end('{"error":"invalid_client"}'),
    'backend-token-refused',
    /401 \(invalid_client\)/,
  ],
  ['refuses in a page', (r) => r.writeHead(400).end('<p>the-secret</p>'), 'backend-token-refused', /it answered 400"/],
  [
    'has a hostile error',
    (r) => r.writeHead(400).end('{"error":"a\\r\\nb: c"}'),
    'backend-token-refused',
    /it answered 400"/,
  ],
  ['fails', (r) => r.writeHead(500).end('{}'), 'backend-token-unusable', /it answered 500/],
  [
    'redirects',
    (r) => r.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    'backend-token-unusable',
    /it answered 302/,
  ],
  ['answers no JSON', (r) => r.end('token=1'), 'backend-token-unusable', /no JSON object/],
  ['answers a list', (r) => r.end('["token"]'), 'backend-token-unusable', /no JSON object/],
  ['answers without token', (r) => r.end('{}'), 'backend-token-unusable', /no access_token/],
  ['answers a number', (r) => r.end('{"access_token":1}'), 'backend-token-unusable', /no access_token/],
  [
    'injects header lines',
    (r) => r.end('{"access_token":"a\\r\\nX-Own: 1"}'),
    'backend-token-unusable',
    /no header may carry/,
  ],
  [
    'answers a huge token',
    (r) => r.end(JSON.stringify({ access_token: 'x'.repeat(20_000) })),
    'backend-token-unusable',
    /too long/,
  ],
  [
    'answers another type',
    (r) => r.end('{"access_token":"a","token_type":"mac"}'),
    'backend-token-unusable',
    /not of type Bearer/,
  ],
  [
    'answers a broken lifetime',
    (r) => r.end('{"access_token":"a","expires_in":"soon"}'),
    'backend-token-unusable',
    /expires_in/,
  ],
  ['announces too much', (r) => r.end(' '.repeat(70_000)), 'backend-token-unusable', /larger than 65536 bytes/],
  [
    'never stops',
    (r) => void setInterval(() => r.write('x'.repeat(30_000)), 1).unref(),
    'backend-token-unusable',
    /larger than 65536 bytes/,
  ],
  ['breaks off', (r) => void r.destroy(), 'backend-token-unreachable', /closed/],
  ['says nothing', () => {}, 'backend-token-timeout', /no whole answer within 100 ms/],
  ['stops in the middle', (r) => void r.write('{"access_'), 'backend-token-timeout', /no whole answer within 100 ms/],
];

for (const [name, answer, cause, says] of hostile) {
  test(`a token endpoint that ${name} is told by its cause, and the backend is left alone`, async (t) => {
    const { stage, tokens, backend, call } = await world(t, (_, response) => answer(response), undefined, {
      backendSecurity: { tokenTimeouts: { answer: 100 } },
    });
    const { status, headers, body } = await call();
    assert.equal(headers['sluice-cause'], cause);
    assert.equal(status, cause === 'backend-token-timeout' ? 504 : 502);
    assert.match(body, says);
    assert.match(body, new RegExp(`127.0.0.1:${tokens.port}`));
    assert.equal(backend.received.length, 0);
    assert.doesNotMatch(body + JSON.stringify(stage.logged), /the-secret|dGhlLWNsaWVudDp0aGUtc2VjcmV0/);
  });
}

test('a token endpoint that nobody listens at, or that swallows connections, is told by its cause', async (t) => {
  const gone = await startBackend();
  await gone.close();
  const hole = await blackHole(t);
  const { deploy, call } = await world(t, undefined, undefined, {
    backendSecurity: { tokenTimeouts: { connect: 100 } },
  });
  await deploy({ ...parameters, tokenUrl: gone.url });
  assert.equal((await call()).headers['sluice-cause'], 'backend-token-unreachable');
  await deploy({ ...parameters, tokenUrl: `http://${hole.host}:${hole.port}/` });
  const answer = await call();
  assert.equal(answer.status, 504);
  assert.equal(answer.headers['sluice-cause'], 'backend-token-timeout');
  assert.match(answer.body, /no connection within 100 ms/);
});

test('calls wait for a slow token endpoint only so long', async (t) => {
  const { tokens, deploy, call } = await world(t, () => {});
  await deploy({ ...parameters, connectionRequestTimeoutDuration: 50 });
  const answers = await Promise.all([call(), call()]);
  for (const { headers, body } of answers) {
    assert.equal(headers['sluice-cause'], 'backend-token-timeout');
    assert.match(body, /it gave none within 50 ms/);
  }
  assert.equal(tokens.received.length, 1);
});

test('a dead token endpoint is left alone for a while, and calls are told when to come again', async (t) => {
  let alive = false;
  const { tokens, call, stage } = await world(t, (received, response, count) => {
    if (alive) granting(3600)(received, response, count);
    else response.writeHead(503).end();
  });
  await call();
  await call();
  const paused = await call();
  assert.equal(paused.status, 503);
  assert.equal(paused.headers['sluice-cause'], 'backend-token-paused');
  assert.equal(paused.headers['retry-after'], '1');
  assert.match(paused.body, /it answered 503/);
  assert.equal(tokens.received.length, 2);
  alive = true;
  await until(async () => (await call()).status === 200, 'the pause to end');
  assert.equal(tokens.received.length, 3);
  assert.ok(stage.logged.some(({ message }) => message === 'No token for a backend'));
});

test('the proxy of the token endpoint alone is used for it, and not for the backend', async (t) => {
  const proxy = await startBackend('proxy', (_, response) => response.end('{"access_token":"by-proxy"}'));
  t.after(() => proxy.close());
  const { backend, deploy, call } = await world(t);
  await deploy({
    ...parameters,
    tokenUrl: 'http://tokens.invalid/token',
    proxyConfigType: 'ENDPOINT_SPECIFIC',
    proxyConfigs: {
      proxyEnabled: true,
      proxyHost: '127.0.0.1',
      proxyPort: String(proxy.port),
      proxyUsername: 'u',
      proxyPassword: 'p',
    },
  });
  assert.equal((await call()).status, 200);
  assert.equal(proxy.received[0]?.url, 'http://tokens.invalid/token');
  assert.equal(proxy.received[0]?.headers['proxy-authorization'], `Basic ${Buffer.from('u:p').toString('base64')}`);
  assert.deepEqual(shown(backend), ['Bearer by-proxy']);
});
