import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok, startBackend } from '../testing/backend.ts';
import { blackHole } from '../testing/black-hole.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readHead, readRequest } from '../testing/message.ts';
import { pattern } from '../testing/pattern.ts';
import { punctual } from '../testing/punctual.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const late = 120;
const silent = () => {};

test('a backend that does not answer in time is a fault that names the deadline, its value and its setting', async (t) => {
  const hole = await blackHole(t);
  const mute = (await startBackend(t, silent)).route;
  const never = { socket: 0, connect: 0, global: 0 };
  const rows = [
    ['a connect that neither succeeds nor fails', hole, { connect: late }, 0, 'connect-timeout', 'connect', true],
    ['a connect beyond the global deadline', hole, { global: late }, 0, 'timeout', 'global', true],
    ['a connect beyond the deadline of the endpoint', hole, { global: 5000 }, late, 'timeout', 'endpoint', true],
    [
      'no answer within the deadline of the endpoint',
      mute,
      { global: 5000, socket: 4000 },
      late,
      'timeout',
      'endpoint',
      true,
    ],
    ['no answer within the global deadline', mute, { global: late }, 0, 'timeout', 'global', true],
    [
      'no byte within the socket timeout',
      mute,
      { socket: late, global: 5000 },
      0,
      'socket-timeout',
      'first-byte',
      true,
    ],
    [
      'the earliest of several',
      mute,
      { socket: late, global: late * 3 },
      late * 2,
      'socket-timeout',
      'first-byte',
      true,
    ],
  ] as const;
  for (const [what, route, timeouts, timeout, kind, name] of rows) {
    await t.test(what, async (t) => {
      const gateway = await startGateway(t, {
        backend: { route },
        timeouts: { ...never, ...timeouts },
        request: () => ({ timeout }),
      });
      const client = await gateway.connect();
      const answer = await punctual(late, () => {
        client.send(get);
        return readAnswer(client);
      });
      assert.equal(answer.status, 504);
      assert.equal(gateway.faults.length, 1);
      const fault = gateway.faults[0];
      assert.equal(fault?.kind, kind);
      assert.deepEqual([fault?.deadline?.name, fault?.deadline?.value], [name, late]);
      assert.ok(fault?.deadline?.setting);
      assert.ok(fault && fault.elapsed >= late - 2);
    });
  }
});

test('the deadline of an endpoint runs from the send, and ends with the first byte of the answer', async (t) => {
  const first = Promise.withResolvers<void>();
  const backend = await startBackend(t, async (wire) => {
    await readRequest(wire);
    wire.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
    await first.promise;
    wire.send('ok');
  });
  const gateway = await startGateway(t, {
    backend,
    request: () => ({ timeout: 60 }),
    call: (call) => {
      if (call.head.target === '/x') gateway.send(call);
      else call.reply(200, '', '');
    },
  });
  const client = await gateway.connect();
  client.send(get);
  await readHead(client);
  const clock = await gateway.connect();
  for (const until = performance.now() + 150; performance.now() < until; ) {
    clock.send('GET /clock HTTP/1.1\r\nHost: a\r\n\r\n');
    await readAnswer(clock);
  }
  first.resolve();
  assert.equal((await client.take(2)).toString(), 'ok');
  assert.deepEqual(gateway.faults, []);
});

test('a backend that falls silent in its body is cut off, and so is the client', async (t) => {
  for (const head of ['Content-Length: 10', 'Transfer-Encoding: chunked']) {
    await t.test(head, async (t) => {
      const backend = await startBackend(t, async (wire) => {
        await readRequest(wire);
        wire.send(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n5\r\nhello`);
      });
      const gateway = await startGateway(t, { backend, timeouts: { socket: late } });
      const client = await gateway.connect();
      client.send(get);
      await client.through('\r\n\r\n');
      const wire = await backend.wire(0);
      await punctual(late, () => client.stopped());
      await wire.stopped();
      const { end, status } = await gateway.ended(0);
      assert.deepEqual([end, status], ['backend-closed', 200]);
    });
  }
});

test('a head that does not become whole in time is refused, however many bytes trickle in', async (t) => {
  const gateway = await startGateway(t, { timeouts: { clientHead: late, socket: 40 } });
  for (const [what, drip] of [
    ['nothing more', 0],
    ['a byte now and then', 30],
  ] as const) {
    await t.test(what, async () => {
      const refusals = gateway.refusals.length;
      const client = await gateway.connect();
      const dripping = drip ? setInterval(() => client.send('b'), drip) : undefined;
      const answer = await punctual(late, () => {
        client.send('GET /x HTTP/1.1\r\nHost: a\r\nA: ');
        return readAnswer(client);
      }).finally(() => clearInterval(dripping));
      assert.equal(answer.status, 408);
      assert.ok(gateway.refusals[refusals]?.detail.includes(String(late)));
      await client.stopped();
    });
  }
  await t.test('on a connection that has served before', async (t) => {
    const gateway = await startGateway(t, { timeouts: { clientHead: late }, call: (call) => call.reply(200, '', '') });
    const client = await gateway.connect();
    client.send(get);
    await readAnswer(client);
    const ask = () => {
      client.send('G');
      return readAnswer(client);
    };
    assert.equal((await punctual(late, ask)).status, 408);
  });
  assert.equal(gateway.calls.length, 0);
});

test('a connection without a request ends in silence', async (t) => {
  const gateway = await startGateway(t, { timeouts: { keepAliveIdle: late }, call: (call) => call.reply(200, '', '') });
  await t.test('when it never had one', async () => {
    const client = await gateway.connect();
    await punctual(late, () => client.stopped());
    assert.equal(client.received, 0);
  });
  await t.test('after its last one', async () => {
    const client = await gateway.connect();
    for (let count = 0; count < 3; count++) {
      client.send(get);
      await readAnswer(client);
    }
    const { received } = client;
    await punctual(late, () => client.stopped());
    assert.equal(client.received, received);
  });
  assert.equal(gateway.refusals.length, 0);
});

test('an upload that stops is refused', async (t) => {
  const backend = await startBackend(t, silent);
  const rows = [
    ['by length', 'Content-Length: 100\r\n\r\nhello'],
    ['by chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhel'],
    ['before its first byte', 'Content-Length: 100\r\n\r\n'],
  ] as const;
  for (const [what, rest] of rows) {
    await t.test(what, async (t) => {
      const gateway = await startGateway(t, { backend, timeouts: { socket: late } });
      const client = await gateway.connect();
      const answer = await punctual(late, () => {
        client.send(`POST /x HTTP/1.1\r\nHost: a\r\n${rest}`);
        return readAnswer(client);
      });
      assert.equal(answer.status, 408);
      assert.deepEqual(gateway.faults, [], 'the client was silent, not the backend');
      assert.equal((await gateway.ended(0)).status, 408);
      await client.stopped();
      await backend.wires.at(-1)?.stopped();
    });
  }
  await t.test('while the handler has not decided', async (t) => {
    const gateway = await startGateway(t, { call: silent, timeouts: { socket: late } });
    const client = await gateway.connect();
    const ask = () => {
      client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello');
      return readAnswer(client);
    };
    assert.equal((await punctual(late, ask)).status, 408);
    assert.equal((await gateway.ended(0)).status, 408);
  });
});

test('an upload that goes on slowly is not cut, nor the backend that waits for its end', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    const { body } = await readRequest(wire);
    wire.send(ok(body.toString()));
  });
  const gateway = await startGateway(t, { backend, timeouts: { socket: 60, continueWait: 10 } });
  const client = await gateway.connect();
  client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\n');
  let sent = 0;
  await new Promise<void>((resolve) => {
    const drip = setInterval(() => {
      client.send('a');
      if (++sent < 8) return;
      clearInterval(drip);
      resolve();
    }, 25);
  });
  assert.equal((await readAnswer(client)).body.toString(), 'aaaaaaaa');
});

test('a client that stops taking its answer is cut off, and the backend with it', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    await readRequest(wire);
    wire.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
    const pump = () => {
      while (!wire.socket.destroyed && wire.socket.write(pattern(0, 65_536)));
    };
    wire.socket.on('drain', pump);
    pump();
  });
  const gateway = await startGateway(t, { backend, timeouts: { socket: late } });
  const client = await gateway.connect();
  client.send(get);
  await readHead(client);
  client.socket.pause();
  const began = performance.now();
  const { end, status } = await gateway.ended(0);
  assert.deepEqual([end, status], ['client-timeout', 200]);
  assert.ok(performance.now() - began > late / 2 && performance.now() - began < late * 6);
  await (await backend.wire(0)).stopped();
});

test('one that hangs does not hold up the others', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { start } = await readRequest(wire);
      if (!start.includes('/hang')) wire.send(ok('good'));
    }
  });
  const gateway = await startGateway(t, { backend, timeouts: { clientHead: late, global: late } });
  const hanging = await Promise.all(Array.from({ length: 20 }, () => gateway.connect()));
  for (const [index, client] of hanging.entries())
    client.send(index % 2 ? 'GET /hang HTTP/1.1\r\nHost: a\r\n\r\n' : 'GET /');
  const good = await gateway.connect();
  const ended = Promise.all(hanging.map((client) => readAnswer(client)));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  let count = 0;
  for (; !over; count++) {
    good.send(get);
    assert.equal((await readAnswer(good)).body.toString(), 'good');
  }
  assert.ok(count > 20, `${count} calls went through`);
  assert.deepEqual([...new Set((await ended).map(({ status }) => status))].sort(), [408, 504]);
});
