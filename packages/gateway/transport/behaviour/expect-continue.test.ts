import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readHead, readRequest, value } from '../testing/message.ts';
import { punctual } from '../testing/punctual.ts';

const head = (lines = 'Content-Length: 5\r\n', version = '1.1') =>
  `POST /x HTTP/${version}\r\nHost: a\r\nExpect: 100-continue\r\n${lines}\r\n`;
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n';
const never = { continueWait: 4000 };

test("the backend's own 100 lets the body come", async (t) => {
  for (const [what, lines, body, expect] of [
    ['by length', 'Content-Length: 5\r\n', 'hello', '100-continue'],
    ['by chunks', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n', '100-Continue'],
  ] as const) {
    await t.test(what, async (t) => {
      const backend = await startBackend(t, async (wire) => {
        const { lines } = await readHead(wire);
        assert.equal(value({ lines }, 'expect'), expect);
        wire.send(goOn);
        const rest = what === 'by length' ? await wire.take(5) : await wire.through('0\r\n\r\n');
        wire.send(ok(rest.toString().includes('hello') ? 'got it' : 'lost it'));
      });
      const gateway = await startGateway(t, { backend, timeouts: never });
      const client = await gateway.connect();
      client.send(head(lines).replace('100-continue', expect));
      assert.equal((await readAnswer(client)).start, 'HTTP/1.1 100 Continue');
      client.send(body);
      assert.equal((await readAnswer(client)).body.toString(), 'got it');
    });
  }
});

test('a backend that keeps silent about it does not keep the client waiting', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { body } = await readRequest(wire);
      // Its own 100 comes late, and must not come twice.
      wire.send(goOn + ok(body.toString()));
    }
  });
  const gateway = await startGateway(t, { backend, timeouts: { continueWait: 100 } });
  const client = await gateway.connect();
  for (let count = 0; count < 2; count++) {
    const answer = await punctual(100, () => {
      client.send(head());
      return readAnswer(client);
    });
    assert.equal(answer.status, 100);
    client.send('hello');
    const last = await readAnswer(client);
    assert.deepEqual([last.status, last.body.toString()], [200, 'hello']);
  }
});

test('a client that does not wait is not told to go on', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) wire.send(ok((await readRequest(wire)).body.toString()));
  });
  const gateway = await startGateway(t, { backend, timeouts: { continueWait: 1 } });
  const rows = [
    ['with its body', `${head()}hello`, 'hello'],
    ['without a body', head(''), ''],
    ['with an empty body', head('Content-Length: 0\r\n'), ''],
  ] as const;
  for (const [what, bytes, body] of rows) {
    await t.test(what, async () => {
      const client = await gateway.connect();
      client.send(bytes);
      const answer = await readAnswer(client);
      assert.deepEqual([answer.status, answer.body.toString()], [200, body]);
    });
  }
});

test('HTTP/1.0 knows no 100', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    await readHead(wire);
    wire.send(goOn);
    await wire.take(5);
    wire.send(`HTTP/1.1 102 Processing\r\n\r\n${ok('done')}`);
  });
  const gateway = await startGateway(t, { backend, timeouts: { continueWait: 1 } });
  const client = await gateway.connect();
  await client.trickle([head(undefined, '1.0'), ...'hello']);
  assert.equal((await readAnswer(client)).body.toString(), 'done');
});

test('a final answer instead of 100 ends the wait for the body', async (t) => {
  await t.test('of the backend', async (t) => {
    const backend = await startBackend(t, async (wire) => {
      await readHead(wire);
      wire.send('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno');
    });
    const gateway = await startGateway(t, { backend, timeouts: never });
    const client = await gateway.connect();
    client.send(head());
    assert.equal((await readAnswer(client)).status, 401);
    assert.equal((await gateway.ended(0)).status, 401);
    await (await backend.wire(0)).stopped();
  });
  await t.test('of the gateway', async (t) => {
    const gateway = await startGateway(t, { call: (call) => call.reply(403, '', 'no'), timeouts: never });
    const client = await gateway.connect();
    client.send(head());
    const answer = await readAnswer(client);
    assert.equal(answer.status, 403);
    // A client that was told no may send its body or not: only a closed connection is clear to both.
    assert.equal(value(answer, 'connection'), 'close');
    assert.equal(await client.stopped(), 'end');
  });
});

test('an expectation that nobody knows is refused', async (t) => {
  const gateway = await startGateway(t, {});
  const client = await gateway.connect();
  client.send('GET /x HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 417);
});
