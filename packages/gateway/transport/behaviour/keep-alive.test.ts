import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Message, readAnswer, value } from '../testing/message.ts';

const echo = answering(({ start, body }) => ok(`${start.split(' ')[1]} ${body}`));
const get = (target: string, lines = '', version = '1.1') => `GET ${target} HTTP/${version}\r\nHost: a\r\n${lines}\r\n`;

test('thousands of calls one after the other use one connection on either side', async (t) => {
  const backend = await startBackend(t, echo);
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (let index = 0; index < 1000; index++) {
    const body = index % 2 ? `b${index}` : '';
    client.send(
      body ? `PUT /${index} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}` : get(`/${index}`),
    );
    assert.equal((await readAnswer(client)).body.toString(), `/${index} ${body}`);
  }
  assert.equal(backend.wires.length, 1);
  assert.ok(gateway.outcomes.every(({ end, status }) => end === 'complete' && status === 200));
});

test('many clients at once get each their own answers, over no more backend connections than there are clients', async (t) => {
  const backend = await startBackend(t, echo);
  const gateway = await startGateway(t, { backend });
  const clients = 64;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const wire = await gateway.connect();
      for (let index = 0; index < 15; index++) {
        const body = 'z'.repeat((index * 7919) % 3000);
        wire.send(`POST /${client}/${index} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
        assert.equal((await readAnswer(wire)).body.toString(), `/${client}/${index} ${body}`);
      }
      wire.socket.destroy();
    }),
  );
  assert.ok(backend.wires.length <= clients, `${backend.wires.length} connections`);
  assert.equal(gateway.outcomes.length, clients * 15);
});

test('the client decides by version and Connection whether its connection stays', async (t) => {
  const backend = await startBackend(t, echo);
  const gateway = await startGateway(t, { backend });
  const rows = [
    ['1.1', '', true],
    ['1.1', 'Connection: keep-alive\r\n', true],
    ['1.1', 'Connection: close\r\n', false],
    ['1.1', 'Connection: CLOSE\r\n', false],
    ['1.1', 'Connection: x , close , y\r\n', false],
    ['1.1', 'Connection: x\r\nConnection: close\r\n', false],
    ['1.1', 'Connection: keep-alive, close\r\n', false],
    ['1.1', 'Connection: closed\r\n', true],
    ['1.0', '', false],
    ['1.0', 'Connection: keep-alive\r\n', true],
    ['1.0', 'Connection: Keep-Alive\r\n', true],
    ['1.0', 'Connection: close\r\n', false],
    ['1.0', 'Connection: keep-alive, close\r\n', false],
  ] as const;
  for (const [version, lines, stays] of rows) {
    await t.test(`HTTP/${version} ${JSON.stringify(lines)} ${stays ? 'stays' : 'closes'}`, async () => {
      const client = await gateway.connect();
      client.send(get('/1', lines, version));
      const answer = await readAnswer(client);
      assert.equal(answer.body.toString(), '/1 ');
      const said = value(answer, 'connection')?.toLowerCase();
      if (stays) {
        if (version === '1.0') assert.equal(said, 'keep-alive');
        else assert.notEqual(said, 'close');
        client.send(get('/2', lines, version));
        assert.equal((await readAnswer(client)).body.toString(), '/2 ');
      } else {
        assert.equal(said, 'close');
        assert.equal(await client.stopped(), 'end');
        assert.equal(await client.rest(), '');
      }
      client.socket.destroy();
    });
  }
});

test('a body without a length ends the connection of HTTP/1.0, even of one that should stay', async (t) => {
  const backend = await startBackend(
    t,
    answering(() => 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n'),
  );
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send(get('/1', 'Connection: keep-alive\r\n', '1.0'));
  const answer = await readAnswer(client);
  assert.equal(answer.framing, 'close');
  assert.equal(answer.body.toString(), 'hello');
  assert.equal(value(answer, 'connection'), 'close');
});

test('a backend is asked over HTTP/1.1 whatever the client speaks, and its own connection options are kept to', async (t) => {
  const seen: Message[] = [];
  let answer = ok('a');
  const backend = await startBackend(
    t,
    answering((request) => {
      seen.push(request);
      return answer;
    }),
  );
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  const ask = async (version = '1.1') => {
    client.send(get('/', 'Connection: keep-alive\r\n', version));
    assert.equal((await readAnswer(client)).status, 200);
    return backend.wires.length;
  };
  const rows = [
    ['HTTP/1.1', ok('a'), true],
    ['Connection: close', ok('a', 'Connection: close\r\n'), false],
    ['Connection: Close in a list', ok('a', 'Connection: x, Close\r\n'), false],
    ['HTTP/1.0', ok('a').replace('1.1', '1.0'), false],
    ['HTTP/1.0 with keep-alive', ok('a', 'Connection: Keep-Alive\r\n').replace('1.1', '1.0'), true],
    ['HTTP/1.0 with keep-alive and close', ok('a', 'Connection: keep-alive, close\r\n').replace('1.1', '1.0'), false],
  ] as const;
  for (const [what, bytes, stays] of rows) {
    await t.test(what, async () => {
      answer = bytes;
      const before = await ask('1.0');
      assert.ok(seen.at(-1)?.start.endsWith(' HTTP/1.1'));
      assert.equal(await ask(), stays ? before : before + 1);
    });
  }
});

test('a client that closes its sending side gets the answers to all it has asked, where that is on', async (t) => {
  const backend = await startBackend(t, echo);
  const gateway = await startGateway(t, { backend, halfClose: true });
  const client = await gateway.connect();
  client.socket.end(`${get('/1')}POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc${get('/3')}`);
  for (const expected of ['/1 ', '/2 abc', '/3 ']) assert.equal((await readAnswer(client)).body.toString(), expected);
  assert.equal(await client.stopped(), 'end');
  assert.ok(gateway.outcomes.every(({ end }) => end === 'complete'));
});

test('a client that closes its sending side in a message is gone', async (t) => {
  const backend = await startBackend(t, echo);
  for (const halfClose of [true, false]) {
    const gateway = await startGateway(t, { backend, halfClose });
    for (const bytes of ['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: a\r\n', '\r\n']) {
      const client = await gateway.connect();
      client.socket.end(bytes);
      await client.stopped();
      assert.equal(client.received, 0, `after ${JSON.stringify(bytes)}`);
    }
    assert.equal(gateway.calls.length, 0);
    const client = await gateway.connect();
    client.socket.end('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc');
    await client.stopped();
    const { end, status } = await gateway.ended(0);
    assert.deepEqual([end, status], ['client-closed', 0]);
  }
  for (const wire of backend.wires) if (wire.received > 0) await wire.stopped();
});
