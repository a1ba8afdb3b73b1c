import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Backends } from '../backend-pool.ts';
import type { BackendTls } from '../call.ts';
import { Dialer } from '../dial/dial.ts';
import { defaultLimits, defaultPool, defaultTimeouts } from '../options.ts';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readRequest, value } from '../testing/message.ts';
import { startProxy } from '../testing/proxy.ts';

const get = 'GET /x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
const ours = await certificate(['localhost']);
const trusting: BackendTls = { serverName: 'localhost', verify: 'strict', trusted: [ours.cert] };

/** The connections of a gateway whose every backend lies behind a proxy. */
function behind(t: TestContext, { host, port }: { readonly host: string; readonly port: number }, password?: string) {
  const credentials = password === undefined ? {} : { username: 'user', password };
  const everything = { host, port, bypass: [], ...credentials };
  const dialer = new Dialer({ proxies: { everything, plain: [], secured: [] } });
  const backends = new Backends(defaultLimits, defaultTimeouts, defaultPool, dialer);
  t.after(() => backends.close());
  return backends;
}

test('a plain backend gets its requests through the proxy, which gets them in absolute form', async (t) => {
  const backend = await startBackend(
    t,
    answering(({ start, body }) => ok(`${start} ${body}`)),
  );
  const proxy = await startProxy(t, 'user:secret');
  const gateway = await startGateway(t, { backend, backends: behind(t, proxy, 'secret') });
  const client = await gateway.connect();
  client.send(get);
  assert.equal((await readAnswer(client)).body.toString(), 'GET /x?y=1 HTTP/1.1 ');
  assert.equal(
    proxy.heads[0],
    `GET http://127.0.0.1:${backend.route.port}/x?y=1 HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=`,
  );
});

test('a connection to the proxy is kept, and every request on it is in absolute form', async (t) => {
  const proxy = await startBackend(
    t,
    answering(({ start, lines, body }) => ok(`${start} ${value({ lines }, 'proxy-authorization')} ${body}`)),
  );
  const route = { host: 'backend.example', port: 80, tls: null };
  const gateway = await startGateway(t, { backend: { route }, backends: behind(t, proxy.route, 'x') });
  const client = await gateway.connect();
  for (const request of [get, post, get]) {
    client.send(request.replace('\r\n\r\n', '\r\nProxy-Authorization: of the client\r\n\r\n'));
    assert.match(
      (await readAnswer(client)).body.toString(),
      /^(GET|POST) http:\/\/backend\.example\/x\S* HTTP\/1\.1 Basic dXNlcjp4 (hello)?$/,
    );
  }
  assert.equal(proxy.wires.length, 1);
});

test('a TLS backend is called through a tunnel, and nothing of the proxy reaches it', async (t) => {
  const backend = await startBackend(
    t,
    answering(({ head }) => ok(head)),
    { options: ours, route: trusting },
  );
  const proxy = await startProxy(t, 'user:secret');
  const gateway = await startGateway(t, { backend, backends: behind(t, proxy, 'secret') });
  const client = await gateway.connect();
  for (let count = 0; count < 3; count++) {
    client.send(get);
    assert.equal((await readAnswer(client)).body.toString(), 'GET /x?y=1 HTTP/1.1\r\nHost: a');
  }
  assert.equal(proxy.heads.length, 1);
});

test('a proxy that wants other credentials is a fault of its own, which clients do not see as theirs', async (t) => {
  const proxy = await startProxy(t, 'user:secret');
  for (const tls of [null, trusting]) {
    const route = { host: 'backend.example', port: 1, tls };
    const gateway = await startGateway(t, { backend: { route }, backends: behind(t, proxy, 'hunter2') });
    const client = await gateway.connect();
    client.send(get);
    assert.deepEqual((await readAnswer(client)).body.toString(), 'proxy');
    const [fault] = gateway.faults;
    assert.equal(fault?.message, `the proxy 127.0.0.1:${proxy.port}: it wants other credentials (407)`);
    assert.doesNotMatch(JSON.stringify(fault), /hunter2|aHVudGVyMg|dXNlc/);
  }
});

test("without a proxy a 407 is the backend's own", async (t) => {
  const backend = await startBackend(t, async (wire) => {
    await readRequest(wire);
    wire.send('HTTP/1.1 407 Mine\r\nContent-Length: 0\r\n\r\n');
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send(get);
  assert.equal((await readAnswer(client)).status, 407);
});
