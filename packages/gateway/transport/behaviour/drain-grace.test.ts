import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readRequest, value } from '../testing/message.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';

test('a request that crosses with the drain is answered, and told that it was the last', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', 'here') });
  const [fresh, used] = await Promise.all([gateway.connect(), gateway.connect()]);
  used.send(get);
  await readAnswer(used);
  const drained = gateway.listener.drain(3000, 2000);
  for (const client of [fresh, used]) {
    client.send(get);
    const answer = await readAnswer(client);
    assert.equal(answer.body.toString(), 'here');
    assert.equal(value(answer, 'connection'), 'close');
    assert.equal(await client.stopped(), 'end');
    client.socket.end();
  }
  assert.deepEqual(await drained, { abandoned: 0 });
});

test('a client that could not know of the drain may call once more', async (t) => {
  const release = Promise.withResolvers<void>();
  const backend = await startBackend(t, async (wire) => {
    await readRequest(wire);
    wire.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    await release.promise;
    wire.send('world');
    await readRequest(wire);
    wire.send(ok('again'));
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send(get);
  await client.through('hello');
  const drained = gateway.listener.drain(3000, 2000);
  release.resolve();
  await client.through('world');
  client.send(get);
  const second = await readAnswer(client);
  assert.equal(second.body.toString(), 'again');
  assert.equal(value(second, 'connection'), 'close');
  assert.equal(await client.stopped(), 'end');
  client.socket.end();
  assert.deepEqual(await drained, { abandoned: 0 });
});

test('connections that the kernel accepted before the drain are served', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', 'here') });
  const clients = await Promise.all(Array.from({ length: 200 }, () => gateway.connect()));
  const drained = gateway.listener.drain(3000, 2000);
  for (const client of clients) client.send(get);
  for (const client of clients) {
    assert.equal((await readAnswer(client)).status, 200);
    client.socket.end();
  }
  assert.deepEqual(await drained, { abandoned: 0 });
});

test('a connection that brings nothing more is closed when the grace is over, before the drain gives up', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', '') });
  const client = await gateway.connect();
  const began = performance.now();
  const drained = gateway.listener.drain(5000, 100);
  assert.equal(await client.stopped(), 'end');
  client.socket.end();
  assert.deepEqual(await drained, { abandoned: 0 });
  assert.ok(performance.now() - began < 2500);
});

test('a TLS handshake that crosses with the drain ends in an answer', async (t) => {
  const gateway = await startGateway(t, {
    tls: await certificate(['localhost']),
    call: (call) => call.reply(200, '', 'here'),
  });
  const socket = connectTls({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false });
  const raw = Promise.withResolvers<void>();
  socket.on('connect', raw.resolve);
  await raw.promise;
  const drained = gateway.listener.drain(3000, 2000);
  socket.write(get);
  let text = '';
  for await (const chunk of socket) text += chunk;
  assert.match(text, /^HTTP\/1\.1 200 .*Connection: close/s);
  assert.deepEqual(await drained, { abandoned: 0 });
});
