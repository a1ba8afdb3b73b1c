import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CorsConfiguration } from '@sluice/model';
import { entry, operation } from '../testing/entities.ts';
import { issuer, ordersApi, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';

function rules(overrides: Partial<CorsConfiguration>): CorsConfiguration {
  return {
    corsConfigurationEnabled: true,
    accessControlAllowOrigins: ['*'],
    accessControlAllowCredentials: false,
    accessControlAllowHeaders: ['Content-Type'],
    accessControlAllowMethods: ['GET', 'POST'],
    ...overrides,
  };
}

async function withCors(t: TestContext, cors: CorsConfiguration | null, options = {}) {
  const world = await stage(t, options);
  await world.put(entry.api(ordersApi(world.backend, { cors })));
  const from = (origin: string) => world.call('/orders/1.0.0/x', { headers: { ...bearer(issuer.token()), origin } });
  return { ...world, from };
}

test('an API without rules of its own has those of the gateway, answers of errors included', async (t) => {
  const { from, call } = await withCors(t, null);
  assert.equal((await from('https://a'))?.headers['access-control-allow-origin'], '*');
  const failed = await call('/orders/1.0.0/x');
  assert.deepEqual([failed.status, failed.headers['access-control-allow-origin']], [401, '*']);
});

test('switched off everywhere, no header is sent', async (t) => {
  const { from } = await withCors(t, null, { cors: null });
  assert.equal((await from('https://a')).headers['access-control-allow-origin'], undefined);
});

test('an origin is echoed only when it fits from end to end', async (t) => {
  const { from } = await withCors(
    t,
    rules({ accessControlAllowOrigins: ['https://a.example', 'https://*.example.com'] }),
  );
  const rows: [origin: string, allowed: boolean][] = [
    ['https://a.example', true],
    ['https://x.example.com', true],
    ['https://x.y.example.com', true],
    ['https://example.com', false],
    ['https://x.example.com.evil.net', false],
    ['http://x.example.com', false],
    ['https://evil.net?https://x.example.com', false],
    ['null', false],
  ];
  for (const [origin, allowed] of rows) {
    const { headers } = await from(origin);
    assert.equal(headers['access-control-allow-origin'], allowed ? origin : undefined, origin);
    assert.equal(headers.vary, 'Origin');
    assert.equal(headers['access-control-allow-methods'], undefined);
  }
});

test('credentials are allowed for named origins and never for all', async (t) => {
  const named = await withCors(
    t,
    rules({ accessControlAllowCredentials: true, accessControlAllowOrigins: ['https://a'] }),
  );
  assert.equal((await named.from('https://a')).headers['access-control-allow-credentials'], 'true');
  const all = await withCors(t, rules({ accessControlAllowCredentials: true }));
  assert.equal((await all.from('https://a')).headers['access-control-allow-credentials'], undefined);
});

test('what the backend says about CORS is kept', async (t) => {
  const { startBackend } = await import('../testing/http.ts');
  const own = await startBackend('own', (_, response) =>
    response.setHeader('access-control-allow-origin', 'https://own').end(),
  );
  t.after(() => own.close());
  const { call, put } = await stage(t);
  await put(entry.api(ordersApi(own, { cors: rules({}) })));
  const answer = await call('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
  assert.equal(answer.headers['access-control-allow-origin'], 'https://own');
});

test('a preflight is answered before anybody is asked for a token', async (t) => {
  const { call, put, backend } = await stage(t, { corsExposeHeaders: ['X-Total'] });
  const operations = [operation('GET', '/items'), operation('DELETE', '/items')];
  await put(entry.api(ordersApi(backend, { operations, apiKeyHeader: 'X-Key', cors: rules({}) })));
  const ask = (path: string, method?: string) =>
    call(path, {
      method: 'OPTIONS',
      headers: { origin: 'https://a', ...(method && { 'access-control-request-method': method }) },
    });
  const answer = await ask('/orders/1.0.0/items', 'GET');
  assert.deepEqual([answer.status, answer.body], [200, '']);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  assert.equal(answer.headers['access-control-allow-methods'], 'GET');
  assert.equal(answer.headers['access-control-allow-headers'], 'Content-Type,Authorization,X-Key');
  assert.equal(answer.headers['access-control-expose-headers'], 'X-Total');
  assert.equal((await ask('/orders/1.0.0/items')).status, 200);
  assert.equal((await ask('/orders/1.0.0/items', 'PUT')).status, 405);
  assert.equal((await ask('/orders/1.0.0/other', 'GET')).status, 404);
  assert.equal(backend.received.length, 0);
});

test('allowed headers may be whatever is asked for', async (t) => {
  const { call, put, backend } = await stage(t);
  await put(entry.api(ordersApi(backend, { cors: rules({ accessControlAllowHeaders: ['*'] }) })));
  const headers = {
    origin: 'https://a',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'x-a, x-b',
  };
  const answer = await call('/orders/1.0.0/items', { method: 'OPTIONS', headers });
  assert.equal(answer.headers['access-control-allow-headers'], 'x-a, x-b');
});

test('OPTIONS that the API defines goes to the backend', async (t) => {
  const { call, put, backend } = await stage(t);
  await put(entry.api(ordersApi(backend, { operations: [operation('OPTIONS', '/*', { authType: 'None' })] })));
  assert.equal((await call('/orders/1.0.0/x', { method: 'OPTIONS' })).body, 'backend');
});

test('a rule cannot write a header line of its own', async (t) => {
  const { call, put, backend } = await stage(t);
  const evil = 'https://a\r\nX-Evil: 1';
  await put(
    entry.api(
      ordersApi(backend, { cors: rules({ accessControlAllowOrigins: [evil], accessControlAllowHeaders: [evil] }) }),
    ),
  );
  const answer = await call('/orders/1.0.0/x', { method: 'OPTIONS', headers: { origin: 'https://a' } });
  assert.equal(answer.headers['x-evil'], undefined);
  assert.equal(answer.headers['access-control-allow-headers'], 'Authorization,ApiKey');
  await put(entry.api(ordersApi(backend, { authorizationHeader: 'X\r\nX-Evil: 1', apiKeyHeader: 'Y\r\nX-Evil: 1' })));
  const named = await call('/orders/1.0.0/x', { method: 'OPTIONS', headers: { origin: 'https://a' } });
  assert.equal(named.status, 200);
  assert.equal(named.headers['x-evil'], undefined);
});
