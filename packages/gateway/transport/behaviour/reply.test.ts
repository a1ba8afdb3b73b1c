import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, value } from '../testing/message.ts';

const request = (method: string, lines = '', body = '', version = '1.1') =>
  `${method} /x HTTP/${version}\r\nHost: a\r\n${lines}\r\n${body}`;

test('an answer of the gateway itself is framed for every request', async (t) => {
  const bytes = new Uint8Array([0, 1, 2, 13, 10, 255]);
  const around = new Uint8Array([9, ...bytes, 9]).subarray(1, 7);
  const rows = [
    ['text', 'GET', 200, 'höhe', Buffer.from('höhe')],
    ['bytes', 'GET', 200, around, Buffer.from(bytes)],
    ['nothing', 'POST', 202, '', Buffer.alloc(0)],
    ['a long text', 'GET', 503, 'é'.repeat(100_000), Buffer.from('é'.repeat(100_000))],
    ['long bytes', 'GET', 200, Buffer.alloc(3_000_000, 'ab'), Buffer.alloc(3_000_000, 'ab')],
    ['to HEAD', 'HEAD', 404, 'not here', Buffer.alloc(0)],
    ['204', 'GET', 204, '', Buffer.alloc(0)],
    ['304', 'GET', 304, '', Buffer.alloc(0)],
  ] as const;
  let next: readonly [number, string | Uint8Array] = [0, ''];
  const gateway = await startGateway(t, { call: (call) => call.reply(next[0], 'X-A: b\r\nX-A: c\r\n', next[1]) });
  const client = await gateway.connect();
  for (const [what, method, status, body, expected] of rows) {
    await t.test(what, async () => {
      next = [status, body];
      client.send(request(method));
      const answer = await readAnswer(client, method);
      assert.equal(answer.status, status);
      assert.match(answer.start, /^HTTP\/1\.1 \d{3} [A-Z]/);
      assert.ok(answer.body.equals(expected));
      assert.deepEqual(
        answer.lines.filter(([name]) => name === 'X-A').map(([, text]) => text),
        ['b', 'c'],
      );
      assert.ok(Math.abs(Date.parse(value(answer, 'date') ?? '') - Date.now()) < 2000);
      if (method === 'HEAD') assert.equal(value(answer, 'content-length'), '8');
      const outcome = await gateway.ended(gateway.calls.length - 1);
      assert.deepEqual([outcome.status, outcome.bytesOut, outcome.end], [status, expected.length, 'complete']);
      assert.deepEqual([outcome.backend, outcome.backendTime], [null, -1]);
    });
  }
});

test('a later answer, a body that was not read, and the next request go together', async (t) => {
  const gateway = await startGateway(t, {
    call: async (call) => {
      if (call.head.header('x-later')) await setImmediate();
      call.reply(200, '', call.head.target);
    },
  });
  const bodies = [
    ['no body', '', ''],
    ['a body by length', 'Content-Length: 5\r\n', 'GET /'],
    ['a longer body', 'Content-Length: 100000\r\n', 'x'.repeat(100_000)],
  ] as const;
  const client = await gateway.connect();
  for (const later of ['', 'X-Later: 1\r\n']) {
    for (const [what, lines, body] of bodies) {
      await t.test(`${what}${later ? ', later' : ''}`, async () => {
        client.send(request('POST', lines + later, body));
        assert.equal((await readAnswer(client)).body.toString(), '/x');
        assert.equal((await gateway.ended(gateway.calls.length - 1)).end, 'complete');
      });
    }
  }
});

test('a reply to HTTP/1.0 and to a client that wants to close says so', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', 'hello') });
  for (const bytes of [request('GET', '', '', '1.0'), request('GET', 'Connection: close\r\n')]) {
    const client = await gateway.connect();
    client.send(bytes);
    const answer = await readAnswer(client);
    assert.equal(value(answer, 'connection'), 'close');
    assert.equal(answer.body.toString(), 'hello');
    assert.equal(await client.stopped(), 'end');
  }
});

test('a handler that answers twice, or fails, costs only its own call', async (t) => {
  const gateway = await startGateway(t, {
    call: (call) => {
      call.reply(200, '', 'one');
      call.reply(500, '', 'two');
      call.abort();
    },
  });
  const client = await gateway.connect();
  for (let count = 0; count < 3; count++) {
    client.send(request('GET'));
    assert.equal((await readAnswer(client)).body.toString(), 'one');
  }
  assert.equal(gateway.outcomes.length, 3);
});

test('a refused body is answered by a reply that was already on its way, not by two', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.reply(200, '', 'done') });
  const client = await gateway.connect();
  client.send(request('POST', 'Transfer-Encoding: chunked\r\n', 'x\r\n'));
  assert.equal((await readAnswer(client)).body.toString(), 'done');
  await client.stopped();
  assert.equal(await client.rest(), '');
  assert.equal(gateway.outcomes.length, 1);
});
