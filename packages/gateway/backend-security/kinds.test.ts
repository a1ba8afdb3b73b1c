import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net';
import { test } from 'node:test';
import { deployedApi, entry, leaf, operation } from '../testing/entities.ts';
import { issuer, ordersApi, stage } from '../testing/gateway.ts';
import { bearer, startBackend } from '../testing/http.ts';
import { until } from '../testing/until.ts';
import { startWebSocketBackend } from '../testing/web-socket.ts';
import { deadRoute } from '../transport/testing/dead.ts';

const challenge = 'Digest realm="r", nonce="n1", qop="auth"';
const digest = { type: 'digest', username: 'u', password: 'p', parameters: {} } as const;
const good = () => ({ headers: bearer(issuer.token()) });

test('digest works with a backend that speaks HTTP/2, whose 401 may have a body', async (t) => {
  const said: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    said.push(request.headers.authorization);
    if (request.headers.authorization?.startsWith('Digest ') === true) request.pipe(response);
    else {
      response.writeHead(401, { 'www-authenticate': challenge });
      response.end('x'.repeat(100_000));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const { call, put, backend } = await stage(t);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const production = leaf(url, { protocol: 'h2', security: digest });
  await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
  const answer = await call('/orders/1.0.0/a', { ...good(), method: 'POST', body: 'hello' });
  assert.equal(answer.status, 200);
  assert.equal(answer.body, 'hello');
  assert.equal(said.length, 2);
});

test('a WebSocket opens with a token of the endpoint', async (t) => {
  const tokens = await startBackend('tokens', (_, response) => response.end('{"access_token":"for-sockets"}'));
  t.after(() => tokens.close());
  const sockets = await startWebSocketBackend(t);
  const { put, port } = await stage(t);
  const parameters = { grantType: 'CLIENT_CREDENTIALS', clientId: 'c', clientSecret: 's', tokenUrl: tokens.url };
  const production = leaf(sockets.url, { kind: 'ws', security: { type: 'oauth', parameters } });
  const operations = [operation('SUBSCRIBE', '/*')];
  await put(entry.api(deployedApi({ type: 'WS', operations, endpoints: { production, sandbox: null } })));
  const socket = new WebSocket(`ws://127.0.0.1:${port}/orders/1.0.0/room?access_token=${issuer.token()}`);
  await once(socket, 'open');
  socket.close();
  assert.deepEqual(
    sockets.asked.map(({ headers }) => headers.authorization),
    ['Bearer for-sockets'],
  );
});

test('the member of a group that takes over proves itself anew', async (t) => {
  const said: (string | undefined)[] = [];
  const second = await startBackend('second', ({ headers }, response) => {
    said.push(headers.authorization);
    if (headers.authorization !== undefined) response.end('second');
    else response.writeHead(401, { 'www-authenticate': challenge }).end();
  });
  t.after(() => second.close());
  const dead = await deadRoute();
  const { call, put, backend } = await stage(t);
  const first = leaf(`http://127.0.0.1:${dead.port}`, { name: 'prod[0]', security: { ...digest, username: 'other' } });
  const production = {
    kind: 'failover' as const,
    name: 'prod',
    children: [first, leaf(second.url, { name: 'prod.failover[0]', security: digest })],
  };
  await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
  const answer = await call('/orders/1.0.0/a', good());
  assert.equal(answer.body, 'second');
  assert.equal(said.length, 2);
  assert.match(said[1] ?? '', /username="u"/);
});

test('a challenge that comes before the body has gone is answered with the body as it comes', async (t) => {
  const sockets = new Set<Socket>();
  const heads: string[] = [];
  const server = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let text = '';
    let challenged = false;
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      const proved = /authorization: Digest/i.test(text);
      if (!proved && !challenged && text.includes('\r\n\r\n')) {
        challenged = true;
        heads.push(text);
        socket.write(`HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ${challenge}\r\nContent-Length: 0\r\n\r\n`);
        half.resolve();
      }
      if (proved && text.endsWith('first and last')) {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
      }
    });
  });
  const half = Promise.withResolvers<void>();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { put, backend, port } = await stage(t);
  const production = leaf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { security: digest });
  await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
  const client = connect(port, '127.0.0.1');
  t.after(() => client.destroy());
  client.write(
    `POST /orders/1.0.0/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${issuer.token()}\r\nContent-Length: 14\r\n\r\nfirst`,
  );
  await half.promise;
  client.write(' and last');
  const [answer] = (await once(client, 'data')) as [Buffer];
  assert.match(answer.toString('latin1'), /^HTTP\/1.1 200 OK/);
  assert.equal(heads.length, 1);
});

test('a client that goes away while a token is fetched leaves nothing behind', async (t) => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const tokens = await startBackend('tokens', async (_, response) => {
    asked.resolve();
    await answer.promise;
    response.end('{"access_token":"late"}');
  });
  t.after(() => tokens.close());
  const { call, put, backend, port, gateway } = await stage(t);
  const parameters = { grantType: 'CLIENT_CREDENTIALS', clientId: 'c', clientSecret: 's', tokenUrl: tokens.url };
  const production = leaf(backend.url, { security: { type: 'oauth', parameters } });
  await put(entry.api(ordersApi(backend, { endpoints: { production, sandbox: null } })));
  const client = connect(port, '127.0.0.1');
  client.write(`GET /orders/1.0.0/gone HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${issuer.token()}\r\n\r\n`);
  await asked.promise;
  client.destroy();
  await until(() => gateway.statistics().inFlight === 0, 'the end of the call');
  answer.resolve();
  assert.equal((await call('/orders/1.0.0/a', good())).status, 200);
  assert.deepEqual(
    backend.received.map(({ url }) => url),
    ['/a'],
  );
});
