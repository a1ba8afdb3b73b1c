import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Endpoint } from '@sluice/model';
import { entry, leaf } from '../testing/entities.ts';
import { issuer, ordersApi, type Stage, stage } from '../testing/gateway.ts';
import { bearer, startBackend, type TestBackend } from '../testing/http.ts';
import { deadUrl } from '../transport/testing/dead.ts';
import { joinTarget, parseEndpointUrl } from './url.ts';

const good = () => ({ headers: bearer(issuer.token()) });

async function withEndpoint(
  t: TestContext,
  endpoint: (backend: TestBackend) => Endpoint,
  options = {},
): Promise<Stage> {
  const world = await stage(t, options);
  await world.put(
    entry.api(ordersApi(world.backend, { endpoints: { production: endpoint(world.backend), sandbox: null } })),
  );
  return world;
}

function failover(...children: Endpoint[]): Endpoint {
  return { kind: 'failover', name: 'prod', children: numbered(children) };
}

function balance(failover: boolean, ...children: Endpoint[]): Endpoint {
  const algorithm = 'round_robin';
  return { kind: 'load_balance', name: 'prod', children: numbered(children), algorithm, session: null, failover };
}

/** Members have names of their own, by which their states are kept. */
function numbered(children: readonly Endpoint[], base = 'prod'): Endpoint[] {
  return children.map((child, index) => {
    const name = `${base}[${index}]`;
    return 'children' in child ? { ...child, name, children: numbered(child.children, name) } : { ...child, name };
  });
}

/** A TCP server that does `act` with each connection once a request has come. */
async function rawBackend(t: TestContext, act: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => act(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('paths and queries are joined as WSO2 joins them', () => {
  const rows: [url: string, rest: string, query: string, target: string][] = [
    ['http://b', '', '', '/'],
    ['http://b', '/a', '?x=1', '/a?x=1'],
    ['http://b/', '/a', '', '/a'],
    ['http://b/base', '', '', '/base'],
    ['http://b/base/', '/a', '', '/base/a'],
    ['http://b/base', '/', '', '/base/'],
    ['http://b/base?k=1', '/a', '?x=1', '/base/a?k=1&x=1'],
    ['http://b/base?k=1', '/a', '', '/base/a?k=1'],
    ['http://b/base?k=1', '/a', '?', '/base/a?k=1'],
    ['http://b/%7Ebase', '/a%2Fb//c/', '?q=%20+', '/%7Ebase/a%2Fb//c/?q=%20+'],
  ];
  for (const [url, rest, query, target] of rows) {
    const parsed = parseEndpointUrl(url);
    assert.equal(
      joinTarget(parsed.path.texts.join(''), parsed.query.texts.join(''), rest, query),
      target,
      `${url} ${rest} ${query}`,
    );
  }
});

test('a URL that cannot be called says why', () => {
  for (const url of [
    '',
    'ftp://b',
    'http://',
    '//b/x',
    'http://u:p@b/',
    'http://{uri.var.host}/',
    'http://b:99999/',
    'http://b/a b',
  ]) {
    assert.throws(() => parseEndpointUrl(url), /URL/, url);
  }
  assert.equal(parseEndpointUrl('https://[::1]:8443/x').hostname, '::1');
  assert.equal(parseEndpointUrl('HTTPS://B.example/x').port, 443);
});

test('what arrives is what was sent, except for what a gateway must change', async (t) => {
  const { call, backend, port } = await stage(t);
  const headers = {
    ...bearer(issuer.token()),
    'X-Case-Kept': 'a,  b',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'gopher',
    cookie: 'a=1; b=2',
    'content-type': 'text/plain',
    'content-length': '5',
  };
  await call('/orders/1.0.0/a%2Fb/%C3%A4?x=%20&y=a+b&x=2', { method: 'POST', headers, body: 'h\0llo' });
  const [received] = backend.received;
  assert.equal(received?.url, '/base/a%2Fb/%C3%A4?x=%20&y=a+b&x=2');
  assert.equal(received?.body, 'h\0llo');
  const lines = received?.rawHeaders ?? [];
  const pairs = lines.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${lines[index + 1]}`] : []));
  assert.deepEqual(
    pairs.sort(),
    [
      `Host: 127.0.0.1:${backend.port}`,
      'User-Agent: Sluice',
      'X-Case-Kept: a,  b',
      'X-Forwarded-For: 203.0.113.9, 127.0.0.1',
      `X-Forwarded-Host: 127.0.0.1:${port}`,
      'X-Forwarded-Proto: http',
      'content-length: 5',
      'content-type: text/plain',
      'cookie: a=1; b=2',
    ].sort(),
  );
});

test('basic credentials of the endpoint replace those of the client', async (t) => {
  const security = { type: 'basic', username: 'üser', password: 'p:w', parameters: {} } as const;
  const { call, backend } = await withEndpoint(t, ({ url }) => leaf(url, { security }));
  assert.equal((await call('/orders/1.0.0/x', good())).status, 200);
  assert.equal(backend.received[0]?.headers.authorization, `Basic ${Buffer.from('üser:p:w').toString('base64')}`);
});

test('an endpoint that the gateway cannot call answers with the reason', async (t) => {
  const rows: [Endpoint, number, RegExp][] = [
    [leaf('', { kind: 'awslambda' }), 501, /kind awslambda/],
    [leaf('sequence', { kind: 'sequence' }), 501, /kind sequence/],
    [leaf('http://u:p@b/'), 500, /endpoint security/],
    [leaf('http://b/', { security: { type: 'aws', parameters: {} } }), 500, /aws is not supported/],
  ];
  const { call, put, backend } = await stage(t);
  for (const [production, status, reason] of rows) {
    await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
    const answer = await call('/orders/1.0.0/x', good());
    assert.equal(answer.status, status, answer.body);
    assert.match(answer.body, reason);
  }
});

test('each backend fault has its status, code and cause, and 500 on demand', async (t) => {
  const closing = await rawBackend(t, (socket) => socket.end());
  const garbage = await rawBackend(t, (socket) => socket.end('this is not HTTP\r\n\r\n'));
  const silent = await rawBackend(t, () => {});
  const dead = await deadUrl();
  const rows: [Endpoint, number, string, string][] = [
    [leaf(dead), 502, '101503', 'backend-connection-refused'],
    [leaf('http://name.invalid/'), 502, '101503', 'backend-name-unresolved'],
    [leaf(closing), 502, '101508', 'backend-closed'],
    [leaf(garbage), 502, '101509', 'backend-protocol-violation'],
    [leaf(silent, { timeout: { duration: 40, action: 'fault' } }), 504, '101504', 'endpoint-timeout'],
    [leaf(silent), 504, '101504', 'global-timeout'],
  ];
  for (const faultStatus of ['sluice', 'wso2'] as const) {
    const { call, put, backend, logged } = await stage(t, { faultStatus, timeouts: { global: 60 } });
    for (const [production, status, code, cause] of rows) {
      await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
      const answer = await call('/orders/1.0.0/x', good());
      assert.equal(answer.status, faultStatus === 'wso2' ? 500 : status, cause);
      assert.equal(answer.headers['sluice-cause'], cause);
      const body = JSON.parse(answer.body);
      assert.deepEqual([body.code, body.type, body.message], [code, 'Status report', 'Runtime Error']);
      const record = logged.at(-1)?.fields as { request: string; cause: string };
      assert.deepEqual([record.request, record.cause], [answer.headers['sluice-request-id'], cause]);
    }
  }
});

test('a dead backend under load does not flood the log, and what is left out is counted', async (t) => {
  const dead = await deadUrl();
  const { call, logged } = await withEndpoint(t, () => leaf(dead));
  const began = Date.now();
  for (let i = 0; i < 60; i++) await call('/orders/1.0.0/x', good());
  const seconds = Math.floor(Date.now() / 1000) - Math.floor(began / 1000) + 1;
  assert.ok(logged.length <= 20 * seconds, `${logged.length} records`);
});

test('a timeout with action discard or never closes the connection instead of leaving the client hanging', async (t) => {
  const silent = await rawBackend(t, () => {});
  const { call, put, backend } = await stage(t, { timeouts: { global: 60 } });
  for (const timeout of [
    { duration: 40, action: 'discard' },
    { duration: null, action: 'never' },
  ] as const) {
    await put(entry.api(ordersApi(backend, { endpoints: { production: leaf(silent, { timeout }), sandbox: null } })));
    await assert.rejects(call('/orders/1.0.0/x', good()), /ECONNRESET|socket hang up/, timeout.action);
  }
});

test('failover goes to the next member in order, and back to the first with the next call', async (t) => {
  const second = await startBackend('second');
  t.after(() => second.close());
  const dead = await deadUrl();
  const { call, backend } = await withEndpoint(t, ({ url }) => failover(leaf(dead), leaf(url), leaf(second.url)));
  for (let i = 0; i < 3; i++) {
    const answer = await call('/orders/1.0.0/x', { method: 'POST', body: 'kept', ...good() });
    assert.equal(answer.body, 'backend');
  }
  assert.deepEqual(
    backend.received.map(({ body }) => body),
    ['kept', 'kept', 'kept'],
  );
  assert.equal(second.received.length, 0);
});

test('each member is tried once, then the client hears of the last fault', async (t) => {
  let connections = 0;
  const closing = await rawBackend(t, (socket) => {
    connections++;
    socket.destroy();
  });
  const dead = await deadUrl();
  const { call } = await withEndpoint(t, () =>
    failover(leaf(closing), failover(leaf(closing), leaf(dead)), leaf(closing)),
  );
  const answer = await call('/orders/1.0.0/x', good());
  assert.equal(answer.status, 502);
  assert.equal(connections, 3);
});

test('a request that cannot be repeated is not sent twice', async (t) => {
  const closing = await rawBackend(t, (socket) => socket.destroy());
  const { call, backend } = await withEndpoint(t, ({ url }) => failover(leaf(closing), leaf(url)));
  const answer = await call('/orders/1.0.0/x', { method: 'POST', body: 'once', ...good() });
  assert.equal(answer.status, 502);
  assert.equal(backend.received.length, 0);
});

test('load balancing takes turns and passes over a dead member', async (t) => {
  const second = await startBackend('second');
  t.after(() => second.close());
  const dead = await deadUrl();
  const { call, put, backend } = await withEndpoint(t, ({ url }) =>
    balance(true, leaf(url), leaf(dead), leaf(second.url)),
  );
  const count = async (calls: number) => {
    const bodies: Record<string, number> = {};
    for (let i = 0; i < calls; i++) {
      const { status, body } = await call('/orders/1.0.0/x', good());
      const name = status === 200 ? body : String(status);
      bodies[name] = (bodies[name] ?? 0) + 1;
    }
    return bodies;
  };
  const shared = await count(12);
  assert.equal((shared.backend ?? 0) + (shared.second ?? 0), 12);
  assert.ok((shared.backend ?? 0) >= 4 && (shared.second ?? 0) >= 4);
  const strict = balance(false, leaf(backend.url), leaf(`${dead}/strict`));
  await put(entry.api(ordersApi(backend, { endpoints: { production: strict, sandbox: null } })));
  // The first fault suspends the dead member, and the other one is asked from then on.
  assert.deepEqual(await count(6), { backend: 5, 502: 1 });
});

test('a group whose members cannot be called at all is not ready', async (t) => {
  const { call } = await withEndpoint(t, () => failover(leaf('', { kind: 'awslambda' }), leaf('nonsense')));
  const answer = await call('/orders/1.0.0/x', good());
  assert.equal(answer.status, 503);
  assert.equal(JSON.parse(answer.body).description, 'Failover endpoint : prod - no ready child endpoints');
});

test('the variables of a URL come from the path', async (t) => {
  const { call, put, backend } = await stage(t);
  const production = leaf(`${backend.url}/t/{uri.var.tenant}/x`);
  const operations = [{ ...ordersApi(backend).operations[0], target: '/{tenant}/items' }] as never;
  await put(entry.api(ordersApi(backend, { operations, endpoints: { production, sandbox: null } })));
  await call('/orders/1.0.0/a%20b/items', good());
  assert.equal(backend.received[0]?.url, '/t/a%20b/x/a%20b/items');
});
