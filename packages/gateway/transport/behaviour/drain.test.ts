import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { createListener, PortInUseError } from '../index.ts';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readRequest, value } from '../testing/message.ts';
import { punctual } from '../testing/punctual.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';

test('a drain ends idle connections, lets calls in flight end, and takes no new ones', async (t) => {
  const release = Promise.withResolvers<void>();
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { body } = await readRequest(wire);
      await release.promise;
      wire.send(ok(`done ${body}`));
    }
  });
  const gateway = await startGateway(t, { backend });
  const [idle, waiting, uploading] = await Promise.all([gateway.connect(), gateway.connect(), gateway.connect()]);
  waiting.send(get);
  uploading.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel');
  await gateway.called(1);
  assert.equal(gateway.listener.connections, 3);
  const drained = gateway.listener.drain(3000);
  assert.equal(await idle.stopped(), 'end');
  const late = connect(gateway.port, '127.0.0.1');
  const [error] = await once(late, 'error');
  assert.equal(error.code, 'ECONNREFUSED');
  release.resolve();
  uploading.send('lo');
  for (const [wire, text] of [
    [waiting, 'done '],
    [uploading, 'done hello'],
  ] as const) {
    const answer = await readAnswer(wire);
    assert.equal(answer.body.toString(), text);
    assert.equal(value(answer, 'connection'), 'close');
    assert.equal(await wire.stopped(), 'end');
    wire.socket.end();
  }
  assert.deepEqual(await drained, { abandoned: 0 });
  for (const wire of backend.wires) await wire.stopped();
});

test('a drain without anything to wait for ends at once', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', '') });
  const client = await gateway.connect();
  client.send(get);
  await readAnswer(client);
  const began = performance.now();
  assert.deepEqual(await gateway.listener.drain(3000), { abandoned: 0 });
  assert.ok(performance.now() - began < 1000);
});

test('a drain breaks what is not over in time and counts it', async (t) => {
  const backend = await startBackend(t, () => {});
  const gateway = await startGateway(t, { backend });
  const wires = await Promise.all([gateway.connect(), gateway.connect(), gateway.connect()]);
  wires[0].send(get);
  wires[1].send(get);
  await gateway.called(1);
  const { abandoned } = await punctual(120, () => gateway.listener.drain(120));
  assert.equal(abandoned, 2);
  for (const wire of wires) await wire.stopped();
  assert.equal(gateway.outcomes.length, 2);
  for (const wire of backend.wires) await wire.stopped();
});

test('a drain in the middle of an answer delivers it whole', async (t) => {
  const release = Promise.withResolvers<void>();
  const backend = await startBackend(t, async (wire) => {
    await readRequest(wire);
    wire.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
    await release.promise;
    wire.send('6\r\n world\r\n0\r\n\r\n');
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send(get + get);
  await client.through('hello\r\n');
  const drained = gateway.listener.drain(3000);
  release.resolve();
  assert.equal(await client.rest(), '6\r\n world\r\n0\r\n\r\n', 'the request behind it is not begun any more');
  client.socket.end();
  assert.deepEqual(await drained, { abandoned: 0 });
  assert.equal(gateway.calls.length, 1);
});

test('closing twice, and while calls are in flight, is no error', async (t) => {
  const backend = await startBackend(
    t,
    answering(() => ok('')),
  );
  const gateway = await startGateway(t, { backend, call: () => {} });
  const client = await gateway.connect();
  client.send(get);
  await gateway.called(0);
  await Promise.all([gateway.listener.close(), gateway.listener.close()]);
  assert.equal(gateway.outcomes[0]?.end, 'aborted');
});

test('a port that is taken is named', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  const unused = () => assert.fail();
  const handler = { call: unused, ended: unused, refusal: unused };
  const listener = createListener({ host: '127.0.0.1', port, handler });
  await assert.rejects(listener.listen(), (error: unknown) => {
    assert.ok(error instanceof PortInUseError);
    assert.equal(error.port, port);
    assert.ok(error.message.includes(String(port)));
    return true;
  });
});

test('a client that keeps its answered connection open is waited for a second, not as long as for an unread request', async (t) => {
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  const gateway = await startGateway(t, { call: (call) => void mayAnswer.then(() => call.reply(200, '', 'last')) });
  const client = await gateway.connect();
  client.send('GET /x HTTP/1.1\r\nHost: a\r\n\r\n');
  await gateway.called(0);
  const drained = gateway.listener.drain(5000);
  await punctual(1000, async () => {
    answer();
    assert.equal((await readAnswer(client)).body.toString(), 'last');
    assert.deepEqual(await drained, { abandoned: 0 });
  });
});
