import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer } from '../testing/message.ts';
import type { Wire } from '../testing/wire.ts';

const uploads = [
  ['a length', 'Content-Length: 100000\r\n\r\nhello'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
] as const;

/** A backend that answers as soon as it has seen `hello`. */
const hasty = (answer: string) => async (wire: Wire) => {
  await wire.through('\r\n\r\n');
  await wire.through('hello');
  wire.send(answer);
};

test('an early answer longer than one write reaches a client that is still sending', async (t) => {
  const text = 'y'.repeat(500_000);
  const backend = await startBackend(t, hasty(ok(text)));
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\nhello');
  await client.through('\r\n\r\n');
  for (let sent = 0; sent < 20; sent++) client.send('x'.repeat(10_000));
  assert.equal((await client.take(text.length)).toString(), text);
  assert.equal((await gateway.ended(0)).end, 'complete');
});

test('what is still coming after an early answer is thrown away within a bound, then the connection ends', async (t) => {
  const backend = await startBackend(t, hasty(ok('early')));
  for (const [what, start] of uploads) {
    await t.test(`of bytes, by ${what}`, async (t) => {
      const gateway = await startGateway(t, { backend, limits: { discardBytes: 50_000 } });
      const client = await gateway.connect();
      client.send(`POST /x HTTP/1.1\r\nHost: a\r\n${start.replace('100000', '100000000')}`);
      assert.equal((await readAnswer(client)).body.toString(), 'early');
      const chunk = what === 'chunks' ? `2710\r\n${'x'.repeat(10_000)}\r\n` : 'x'.repeat(10_000);
      let sent = 0;
      for (; !client.over && !client.socket.destroyed && sent < 1000; sent++) await client.trickle([chunk]);
      assert.ok(sent < 1000, 'the gateway reads without end');
      assert.equal(gateway.outcomes.length, 1);
    });
    await t.test(`of time, by ${what}`, async (t) => {
      const gateway = await startGateway(t, { backend, timeouts: { discard: 100 } });
      const client = await gateway.connect();
      client.send(`POST /x HTTP/1.1\r\nHost: a\r\n${start}`);
      assert.equal((await readAnswer(client)).body.toString(), 'early');
      const began = performance.now();
      await client.stopped();
      // The client never closes its side: the gateway must not wait for that.
      while (gateway.listener.connections > 0 && performance.now() - began < 1000) await setImmediate();
      assert.ok(performance.now() - began < 300, 'the end of the connection came late');
    });
  }
});

test('a backend that reads no more of the request still answers', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    await wire.through('\r\n\r\n');
    wire.socket.pause();
    wire.send(ok('early'));
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n');
  const piece = Buffer.alloc(65_536);
  const pump = () => {
    while (!client.socket.destroyed && client.socket.write(piece));
  };
  client.socket.on('drain', pump);
  pump();
  assert.equal((await readAnswer(client)).body.toString(), 'early');
});

test('an answer before a backend that closes amid an upload is not lost to the break of the upload', async (t) => {
  for (const [lines, prefix] of [
    ['Content-Length: 1000000000\r\n', ''],
    ['Transfer-Encoding: chunked\r\n', '10000\r\n'],
  ]) {
    const backend = await startBackend(t, async (wire) => {
      await wire.take(200_000);
      wire.socket.pause();
      // With so much unread the close is a reset, which may overtake everything but the answer.
      wire.socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nearly', () => wire.socket.destroy());
    });
    const gateway = await startGateway(t, { backend });
    for (let round = 0; round < 30; round++) {
      const client = await gateway.connect();
      client.send(`POST /x HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);
      const piece = Buffer.from(`${prefix}${'x'.repeat(65_536)}${prefix && '\r\n'}`);
      const pump = () => {
        while (!client.socket.destroyed && client.socket.write(piece));
      };
      client.socket.on('drain', pump);
      pump();
      const answer = await readAnswer(client);
      assert.deepEqual([answer.status, answer.body.toString()], [413, 'early'], `round ${round}`);
      client.socket.destroy();
    }
    assert.deepEqual(gateway.faults, []);
  }
});
