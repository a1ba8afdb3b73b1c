import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { entry, leaf } from '../testing/entities.ts';
import { issuer, ordersApi, stage } from '../testing/gateway.ts';
import { bearer } from '../testing/http.ts';
import { startProxy } from '../transport/testing/proxy.ts';

const good = () => ({ headers: bearer(issuer.token()) });

function through(proxy: { readonly host: string; readonly port: number }, password: string) {
  const everything = { ...proxy, username: 'user', password, bypass: ['*.direct'] };
  return { dial: { proxies: { everything, plain: [], secured: [] } } };
}

test('an API behind an outgoing proxy is served', async (t) => {
  const proxy = await startProxy(t, 'user:secret');
  const { call, backend } = await stage(t, through({ host: proxy.host, port: proxy.port }, 'secret'));
  const answer = await call('/orders/1.0.0/x?y=1', good());
  assert.equal(answer.status, 200, answer.body);
  assert.equal(backend.received[0]?.url, '/base/x?y=1');
  assert.equal(backend.received[0]?.headers.host, `127.0.0.1:${backend.port}`);
  assert.equal(proxy.heads.length, 1);
});

test('a proxy that lets nothing through is named in the log, its password nowhere', async (t) => {
  const proxy = await startProxy(t, 'user:secret');
  const { call, logged } = await stage(t, through({ host: proxy.host, port: proxy.port }, 'hunter2'));
  const answer = await call('/orders/1.0.0/x', good());
  assert.deepEqual(
    [answer.status, answer.headers['sluice-cause'], JSON.parse(answer.body).code],
    [502, 'backend-proxy-failed', '101503'],
  );
  assert.equal(answer.headers['proxy-authenticate'], undefined);
  const { detail } = (logged.at(-1)?.fields ?? {}) as { detail?: string };
  assert.equal(detail, `the proxy 127.0.0.1:${proxy.port}: it wants other credentials (407)`);
  assert.doesNotMatch(JSON.stringify([answer, logged]), /hunter2|aHVudGVyMg|dXNlc/);
});

/** Answers the first request of each connection and closes when the second comes. */
async function fickle(t: TestContext): Promise<string> {
  const server = createServer((request, response) => {
    if (Object.hasOwn(request.socket, 'seen')) request.socket.destroy();
    else Object.assign(request.socket, { seen: true }) && response.end('once');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a request that met a connection on its way out is told apart from one that a backend gave up', async (t) => {
  const { call, put, backend } = await stage(t);
  const url = await fickle(t);
  await put(entry.api(ordersApi(backend, { endpoints: { production: leaf(url), sandbox: null } })));
  assert.equal((await call('/orders/1.0.0/x', good())).body, 'once');
  assert.equal((await call('/orders/1.0.0/x', good())).body, 'once', 'a GET is repeated');
  const answer = await call('/orders/1.0.0/x', { method: 'POST', body: 'x', ...good() });
  assert.deepEqual(
    [answer.status, answer.headers['sluice-cause'], JSON.parse(answer.body).code],
    [502, 'backend-connection-stale', '101508'],
  );
});

test('a busy backend says when to come again, and whether nobody may wait or too many do', async (t) => {
  for (const [maxPending, cause, description] of [
    [0, 'backend-pool-full', 'No available connections to serve the request'],
    [1, 'backend-queue-full', 'Number of queued messages exceeds the limit'],
  ] as const) {
    const release = Promise.withResolvers<void>();
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      void release.promise.then(() => response.end('done'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { call, put, backend, gateway } = await stage(t, { pool: { maxPerRoute: 1, maxPending } });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await put(entry.api(ordersApi(backend, { endpoints: { production: leaf(url), sandbox: null } })));
    const waiting = Array.from({ length: 1 + maxPending }, () => call('/orders/1.0.0/x', good()));
    const { backendWaiting, inFlight } = { backendWaiting: maxPending, inFlight: 1 + maxPending };
    while (asked === 0 || gateway.statistics().backendWaiting < backendWaiting) await new Promise(setImmediate);
    assert.equal(gateway.statistics().inFlight, inFlight);
    const answer = await call('/orders/1.0.0/x', good());
    assert.deepEqual(
      [answer.status, answer.headers['sluice-cause'], answer.headers['retry-after'], JSON.parse(answer.body)],
      [503, cause, '1', { code: '101504', type: 'Status report', message: 'Runtime Error', description }],
    );
    release.resolve();
    for (const one of waiting) assert.equal((await one).body, 'done');
  }
});
