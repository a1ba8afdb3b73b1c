import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Message, readAnswer, readRequest } from '../testing/message.ts';

const get = (target: string, lines = '') => `GET ${target} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
const post = (target: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (target: string, body: string) =>
  `POST ${target} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** A backend that answers with what it was asked. */
const echo = answering(({ start, body }) => ok(`${start.split(' ')[1]} ${body}`));

test('pipelined requests with and without bodies are answered in order', async (t) => {
  const gateway = await startGateway(t, { backend: await startBackend(t, echo) });
  const client = await gateway.connect();
  const requests = Array.from({ length: 60 }, (_, index) => {
    const target = `/${index}`;
    return [get(target), post(target, `GET /smuggled${index} HTTP/1.1\r\n\r\n`), chunked(target, `0\r\n\r\n${index}`)][
      index % 3
    ];
  });
  client.send(requests.join(''));
  for (let index = 0; index < requests.length; index++) {
    const body = ['', `GET /smuggled${index} HTTP/1.1\r\n\r\n`, `0\r\n\r\n${index}`][index % 3];
    assert.equal((await readAnswer(client)).body.toString(), `/${index} ${body}`);
  }
  assert.equal(gateway.calls.length, requests.length);
});

test('a slow answer holds back the answers to the requests behind it', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { start } = await readRequest(wire);
      if (start.includes('/slow'))
        await gateway.until('the slow one to be let go', () => (released ? true : undefined));
      wire.send(ok(start));
    }
  });
  let released = false;
  const gateway = await startGateway(t, {
    backend,
    call: (call) => {
      if (call.head.target === '/own') call.reply(200, '', 'own');
      else gateway.send(call);
    },
  });
  const client = await gateway.connect();
  client.send(get('/slow') + get('/own') + get('/fast'));
  // A round trip of another client shows that the gateway has seen all of it.
  const other = await gateway.connect();
  other.send(get('/own'));
  assert.equal((await readAnswer(other)).body.toString(), 'own');
  assert.equal(client.received, 0);
  released = true;
  await gateway.called(0);
  other.send(get('/fast'));
  for (const expected of ['GET /slow HTTP/1.1', 'own', 'GET /fast HTTP/1.1']) {
    assert.equal((await readAnswer(client)).body.toString(), expected);
  }
});

test('requests before a refused one are answered, then it is refused, and those behind it are never read', async (t) => {
  const gateway = await startGateway(t, { backend: await startBackend(t, echo) });
  const rows = [
    ['a bad head', 'GET /bad HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n', 400],
    [
      'both lengths',
      'POST /bad HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a bad chunk', 'POST /bad HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n', 400],
    ['another version', 'GET /bad HTTP/3.0\r\nHost: a\r\n\r\n', 505],
  ] as const;
  for (const [what, bad, status] of rows) {
    await t.test(what, async () => {
      const calls = gateway.calls.length;
      const client = await gateway.connect();
      client.send(get('/1') + post('/2', 'two') + bad + get('/3'));
      assert.equal((await readAnswer(client)).body.toString(), '/1 ');
      assert.equal((await readAnswer(client)).body.toString(), '/2 two');
      assert.equal((await readAnswer(client)).status, status);
      assert.equal(await client.rest(), '');
      const targets = gateway.calls.slice(calls).map((call) => call.head.target);
      assert.deepEqual(
        targets.filter((target) => target !== '/bad'),
        ['/1', '/2'],
      );
      client.socket.destroy();
    });
  }
});

test('nothing behind a request that closes is read', async (t) => {
  const gateway = await startGateway(t, { backend: await startBackend(t, echo) });
  const client = await gateway.connect();
  client.send(get('/1') + get('/2', 'Connection: x, Close\r\n') + get('/3'));
  await readAnswer(client);
  const last = await readAnswer(client);
  assert.equal(last.lines.find(([name]) => name === 'Connection')?.[1], 'close');
  assert.equal(await client.stopped(), 'end');
  assert.equal(await client.rest(), '');
  assert.equal(gateway.calls.length, 2);
});

test('a client that floods and does not read holds neither memory nor calls', async (t) => {
  const answer = ok('x'.repeat(16_000));
  let answered = 0;
  const gateway = await startGateway(t, {
    backend: await startBackend(
      t,
      answering(() => {
        answered++;
        return answer;
      }),
    ),
  });
  const count = 2000;
  const flood = await gateway.connect();
  flood.socket.pause();
  flood.send(get('/flood').repeat(count));
  const other = await gateway.connect();
  // Until some round trips in a row saw no answer to the flood, it is not stalled yet.
  for (let still = 0, last = -1; still < 20; still = answered - last === 1 ? still + 1 : 0) {
    last = answered;
    other.send(get('/other'));
    await readAnswer(other);
  }
  assert.ok(answered < count, 'nothing held the flood back');
  flood.socket.resume();
  for (let index = 0; index < count; index++) {
    const message: Message = await readAnswer(flood);
    assert.equal(message.body.length, 16_000);
  }
});
