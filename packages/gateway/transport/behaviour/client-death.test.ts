import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readRequest } from '../testing/message.ts';
import type { Wire } from '../testing/wire.ts';

const ways = [
  ['FIN', (wire: Wire) => wire.socket.destroy()],
  ['RST', (wire: Wire) => wire.reset()],
] as const;

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const upload = 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello';
const chunked = 'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';

test('a client that goes away ends its call and the backend connection', async (t) => {
  for (const [how, die] of ways) {
    const phases = [
      ['before the answer', get, 'HTTP/1.1\r\n', '', '', 0],
      ['in the middle of an upload', upload, 'hello', '', '', 0],
      ['in the middle of a chunked upload', chunked, 'hello', '', '', 0],
      [
        'after the head of the answer',
        get,
        'HTTP/1.1\r\n',
        'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n',
        '\r\n\r\n',
        200,
      ],
      [
        'in the body of the answer',
        get,
        'HTTP/1.1\r\n',
        'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello',
        'hello',
        200,
      ],
      [
        'in a chunked answer',
        get,
        'HTTP/1.1\r\n',
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
        'hello',
        200,
      ],
    ] as const;
    for (const [when, request, seen, answer, until, status] of phases) {
      await t.test(`${how} ${when}`, async (t) => {
        const backend = await startBackend(t, async (wire) => {
          await wire.through(seen);
          if (answer) wire.send(answer);
        });
        const gateway = await startGateway(t, { backend });
        const client = await gateway.connect();
        client.send(request);
        const wire = await backend.wire(0);
        if (until) await client.through(until);
        else await gateway.until('the request at the backend', () => true).then(() => reached(wire));
        die(client);
        await wire.stopped();
        const outcome = await gateway.ended(0);
        assert.deepEqual([outcome.status, outcome.end], [status, 'client-closed']);
        assert.deepEqual(gateway.faults, [], 'a client that is gone is no fault of the backend');
      });
    }
  }
});

/** Waits for the first byte of a request. */
async function reached(wire: Wire): Promise<void> {
  while (wire.received === 0) await new Promise(setImmediate);
}

test('a client that goes away while its call waits for a connection sends nothing', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { start } = await readRequest(wire);
      seen.push(start);
      await gateway.until('the second client to be gone', () => (gateway.outcomes.length > 0 ? true : undefined));
      wire.send(ok(''));
    }
  });
  const seen: string[] = [];
  const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 1 } });
  const [first, second, third] = await Promise.all([gateway.connect(), gateway.connect(), gateway.connect()]);
  first.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n');
  await gateway.called(0);
  second.send('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
  await gateway.called(1);
  third.send('GET /3 HTTP/1.1\r\nHost: a\r\n\r\n');
  await gateway.called(2);
  second.reset();
  assert.equal((await gateway.ended(0)).end, 'client-closed');
  await readAnswer(first);
  await readAnswer(third);
  assert.deepEqual(seen, ['GET /1 HTTP/1.1', 'GET /3 HTTP/1.1']);
});

test('a call whose handler takes its time survives that its client is gone', async (t) => {
  const gateway = await startGateway(t, { call: () => {} });
  const client = await gateway.connect();
  client.send(get);
  const call = await gateway.called(0);
  client.reset();
  assert.equal((await gateway.ended(0)).end, 'client-closed');
  call.reply(200, '', 'too late');
  call.send({
    route: { host: '127.0.0.1', port: 1, tls: null },
    target: '/',
    host: '',
    without: new Set(),
    added: '',
    timeout: 0,
    onFault: () => assert.fail(),
  });
  call.abort();
  assert.equal(gateway.outcomes.length, 1);
});

test('an aborted call ends its connection without an answer', async (t) => {
  const gateway = await startGateway(t, { call: (call) => call.abort() });
  const client = await gateway.connect();
  client.send(get + get);
  await client.stopped();
  assert.equal(client.received, 0);
  const { status, end } = await gateway.ended(0);
  assert.deepEqual([status, end], [0, 'aborted']);
  assert.equal(gateway.calls.length, 1);
});
