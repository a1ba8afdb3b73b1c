import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Call } from '../call.ts';
import { answering, deadRoute, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Message, readAnswer, readRequest } from '../testing/message.ts';
import type { Wire } from '../testing/wire.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const post = 'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello';

/** How a backend goes away, and the fault that it must be. */
const ways = [
  ['FIN', 'closed', (wire: Wire) => wire.socket.end()],
  ['RST', 'reset', (wire: Wire) => wire.reset()],
] as const;

/** Takes the whole request and answers with these bytes. */
const says = (bytes: string) => async (wire: Wire) => {
  await readRequest(wire);
  wire.send(bytes);
};

test('a backend that dies before its answer is one fault, named by how it died', async (t) => {
  for (const [how, kind, die] of ways) {
    const phases: readonly (readonly [string, string, (wire: Wire) => Promise<unknown>, boolean])[] = [
      ['as soon as it is asked', get, (wire) => wire.take(1), true],
      ['after the whole of a GET', get, (wire) => readRequest(wire), true],
      ['after the whole of a POST', post, (wire) => readRequest(wire), false],
      ['in the middle of an upload', post.slice(0, -1), (wire) => wire.through('hell'), false],
      ['in its status line', get, says('HTTP/1.1 20'), true],
      ['in its head', get, says('HTTP/1.1 200 OK\r\nA: b\r\n'), true],
      ['after an interim answer', get, says('HTTP/1.1 103 Early Hints\r\n\r\n'), true],
    ];
    for (const [when, request, until, replayable] of phases) {
      await t.test(`${how} ${when}`, async (t) => {
        const arrived = Promise.withResolvers<void>();
        const backend = await startBackend(t, async (wire) => {
          await until(wire);
          // The gateway must have read what was sent: a RST would overtake it.
          if (when.includes('interim')) await arrived.promise;
          die(wire);
        });
        const gateway = await startGateway(t, { backend });
        const client = await gateway.connect();
        client.send(request);
        if (when.includes('interim')) {
          assert.equal((await readAnswer(client)).status, 103);
          arrived.resolve();
        }
        const answer = await readAnswer(client);
        assert.equal(answer.status, 502);
        assert.equal(gateway.faults.length, 1);
        const fault = gateway.faults[0];
        // A RST that comes while the request is still going out may show as either.
        assert.ok(
          fault?.kind === kind || (how === 'FIN' && fault?.kind === 'reset' && when.includes('as soon')),
          fault?.kind,
        );
        assert.equal(fault?.replayable, replayable);
        assert.equal(fault?.deadline, null);
        assert.ok(fault && fault.elapsed >= 0 && fault.elapsed < 3000);
        const outcome = await gateway.ended(0);
        assert.deepEqual([outcome.status, outcome.end], [502, 'complete']);
      });
    }
  }
});

test('a backend that dies in its body cuts the client off', async (t) => {
  const bodies = [
    ['a length', 'Content-Length: 10\r\n\r\nhello', '1.1'],
    ['chunks', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', '1.1'],
    ['chunks for HTTP/1.0', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', '1.0'],
  ] as const;
  for (const [how, , die] of ways) {
    for (const [what, rest, version] of bodies) {
      await t.test(`${how} in ${what}`, async (t) => {
        const arrived = Promise.withResolvers<void>();
        const backend = await startBackend(t, async (wire) => {
          await readRequest(wire);
          wire.send(`HTTP/1.1 200 OK\r\n${rest}`);
          await arrived.promise;
          die(wire);
        });
        const gateway = await startGateway(t, { backend });
        const client = await gateway.connect();
        client.send(`GET /x HTTP/${version}\r\nHost: a\r\n\r\n`);
        await client.through('hello');
        arrived.resolve();
        const ending = await client.stopped();
        assert.ok(version === '1.1' || ending === 'reset', 'only a RST tells HTTP/1.0 that the body was cut');
        assert.ok(!(await client.rest()).includes('0\r\n\r\n'));
        const outcome = await gateway.ended(0);
        assert.deepEqual([outcome.status, outcome.end, outcome.bytesOut], [200, 'backend-closed', 5]);
        assert.deepEqual(gateway.faults, []);
      });
    }
  }
  await t.test('RST in a body that ends with the connection', async (t) => {
    const arrived = Promise.withResolvers<void>();
    const backend = await startBackend(t, async (wire) => {
      await readRequest(wire);
      wire.send('HTTP/1.1 200 OK\r\n\r\nhello');
      await arrived.promise;
      wire.reset();
    });
    const gateway = await startGateway(t, { backend });
    const client = await gateway.connect();
    client.send(get);
    await client.through('hello');
    arrived.resolve();
    await client.stopped();
    assert.ok(!(await client.rest()).includes('0\r\n\r\n'));
    assert.equal((await gateway.ended(0)).end, 'backend-closed');
  });
});

/** A backend whose first connection answers one request, takes the next and dies: a stale connection. */
async function stale(t: TestContext, die: (wire: Wire) => void, always = false) {
  const seen: Message[] = [];
  const backend = await startBackend(t, async (wire, index) => {
    for (let count = 0; ; count++) {
      const request = await readRequest(wire);
      seen.push(request);
      if (count > 0 && (index === 0 || always)) return die(wire);
      if (index > 0 && always) return die(wire);
      wire.send(ok(`connection ${index}`));
    }
  });
  return { seen, backend };
}

test('a request on a kept connection that died is repeated once, on a new one, when that is safe', async (t) => {
  for (const [how, , die] of ways) {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      await t.test(`${method} after ${how}`, async (t) => {
        const { seen, backend } = await stale(t, die);
        const gateway = await startGateway(t, { backend });
        const client = await gateway.connect();
        client.send(get);
        await readAnswer(client);
        client.send(`${method} /again HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n`);
        const answer = await readAnswer(client, method);
        assert.equal(answer.status, 200);
        assert.equal(seen.length, 3);
        assert.equal(seen[2]?.head, seen[1]?.head, 'it was sent again as it was');
        assert.deepEqual(gateway.faults, []);
        assert.equal(gateway.calls.length, 2);
      });
    }
  }
  await t.test('but only once', async (t) => {
    const { seen, backend } = await stale(t, (wire) => wire.reset(), true);
    const gateway = await startGateway(t, { backend });
    const client = await gateway.connect();
    client.send(get);
    await readAnswer(client);
    client.send(get);
    assert.equal((await readAnswer(client)).status, 502);
    assert.equal(seen.length, 3);
    assert.equal(gateway.faults.length, 1);
  });
  await t.test('past other kept connections, which may be as dead', async (t) => {
    const seen: number[] = [];
    const all = Promise.withResolvers<void>();
    const backend = await startBackend(t, async (wire, index) => {
      for (let count = 0; ; count++) {
        await readRequest(wire);
        seen.push(index);
        if (count > 0) return wire.reset();
        if (seen.length === 3) all.resolve();
        await all.promise;
        wire.send(ok(''));
      }
    });
    const gateway = await startGateway(t, { backend });
    const clients = await Promise.all([gateway.connect(), gateway.connect(), gateway.connect()]);
    for (const client of clients) client.send(get);
    for (const client of clients) await readAnswer(client);
    clients[0].send(get);
    assert.equal((await readAnswer(clients[0])).status, 200);
    assert.deepEqual(
      seen.slice(3).map((index) => index < 3),
      [true, false],
      `connections ${seen}`,
    );
  });
});

test('a request on a kept connection that died is not repeated when that could do it twice', async (t) => {
  const rows = [
    ['POST without a body', 'POST /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['POST with a body', post],
    ['PATCH', 'PATCH /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a method that nobody knows', 'FROB /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['a method in lower case', 'get /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['PUT whose body is gone', 'PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'],
  ] as const;
  for (const [how, , die] of ways) {
    for (const [what, request] of rows) {
      await t.test(`${what} after ${how}`, async (t) => {
        const { seen, backend } = await stale(t, die);
        const gateway = await startGateway(t, { backend });
        const client = await gateway.connect();
        client.send(get);
        await readAnswer(client);
        client.send(request);
        assert.equal((await readAnswer(client)).status, 502);
        assert.equal(seen.length, 2);
        assert.deepEqual([gateway.faults[0]?.kind, gateway.faults[0]?.replayable], ['stale', false]);
      });
    }
    await t.test(`GET whose answer had begun, after ${how}`, async (t) => {
      let count = 0;
      const client: { wire?: Wire } = {};
      const backend = await startBackend(t, async (wire) => {
        for (;;) {
          await readRequest(wire);
          if (count++ > 0) {
            wire.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello');
            await client.wire?.through('hello');
            return die(wire);
          }
          wire.send(ok(''));
        }
      });
      const gateway = await startGateway(t, { backend });
      client.wire = await gateway.connect();
      client.wire.send(get);
      await readAnswer(client.wire);
      client.wire.send(get);
      await client.wire.stopped();
      assert.equal(count, 2);
    });
  }
});

test('a kept connection that the backend closes while nobody uses it is not used again', async (t) => {
  const backend = await startBackend(
    t,
    answering((_, index) => ok(String(index))),
  );
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (const [, , die] of ways) {
    client.send(post);
    await readAnswer(client);
    const wire = backend.wires.at(-1) as Wire;
    die(wire);
    if (!wire.socket.destroyed) await wire.stopped();
  }
  client.send(post);
  assert.equal((await readAnswer(client)).status, 200);
  assert.deepEqual(gateway.faults, []);
  assert.equal(backend.wires.length, 3);
});

test('a backend that refuses leaves the body intact for another', async (t) => {
  const seen: Message[] = [];
  const living = await startBackend(
    t,
    answering((request) => {
      seen.push(request);
      return ok('living');
    }),
  );
  const dead = await deadRoute();
  const gateway = await startGateway(t, {
    backend: { route: dead },
    request: (call: Call) => ({
      onFault: (fault) => {
        gateway.faults.push(fault);
        gateway.send(call, { route: living.route, onFault: (again) => gateway.fault(call, again) });
      },
    }),
  });
  const bodies = [
    ['none', 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n', ''],
    ['a length', post, 'hello'],
    [
      'chunks',
      'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n',
      'hello',
    ],
    [
      'a long one',
      `POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n${'abc'.repeat(100_000)}`,
      'abc'.repeat(100_000),
    ],
  ] as const;
  for (const [what, request, body] of bodies) {
    await t.test(what, async () => {
      const faults = gateway.faults.length;
      const client = await gateway.connect();
      client.send(request);
      assert.equal((await readAnswer(client)).body.toString(), 'living');
      assert.equal(seen.at(-1)?.body.toString(), body);
      assert.equal(gateway.faults.length, faults + 1);
      const fault = gateway.faults.at(-1);
      assert.deepEqual([fault?.kind, fault?.replayable, fault?.phase], ['connect-refused', true, 0]);
      const { status, end, backend } = await gateway.ended(gateway.calls.length - 1);
      assert.deepEqual([status, end, backend], [200, 'complete', `127.0.0.1:${living.route.port}`]);
    });
  }
});

test('a name whose addresses all refuse is refused', async (t) => {
  const gateway = await startGateway(t, { backend: { route: { ...(await deadRoute()), host: 'localhost' } } });
  const client = await gateway.connect();
  client.send(get);
  assert.equal((await readAnswer(client)).body.toString(), 'connect-refused');
});

test('a request is repeated even when its route has room for one connection alone', async (t) => {
  const { seen, backend } = await stale(t, (wire) => wire.reset());
  const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 1, maxPending: 0 } });
  const client = await gateway.connect();
  for (let count = 0; count < 2; count++) {
    client.send(get);
    assert.equal((await readAnswer(client)).status, 200);
  }
  assert.equal(seen.length, 3);
});

test('a name without an address is a dns fault', async (t) => {
  const gateway = await startGateway(t, { backend: { route: { host: 'nowhere.invalid', port: 80, tls: null } } });
  const client = await gateway.connect();
  client.send(get);
  assert.equal((await readAnswer(client)).status, 502);
  assert.deepEqual([gateway.faults[0]?.kind, gateway.faults[0]?.replayable], ['dns', true]);
});

test('a call that is repeated gets a new connection, even when a kept one comes free first', async (t) => {
  const warm: Wire[] = [];
  const asked: { held?: Wire; dies?: Wire } = {};
  const backend = await startBackend(t, async (wire, index) => {
    for (;;) {
      const [, target = ''] = (await readRequest(wire)).start.split(' ');
      if (target === '/warm') {
        warm.push(wire);
        if (warm.length === 2) for (const one of warm) one.send(ok('warm'));
      } else if (index >= 2) wire.send(ok('new'));
      else if (target === '/dies' && asked.dies) wire.reset();
      else asked[target.slice(1) as 'held' | 'dies'] = wire;
      if (target === '/warm' || index >= 2 || !asked.held || !asked.dies) continue;
      // In this order, and both before the gateway reads either.
      asked.dies.reset();
      asked.held.send(ok('held'));
    }
  });
  const gateway = await startGateway(t, { backend });
  const [one, other] = [await gateway.connect(), await gateway.connect()];
  const answersTo = async (first: string, second: string) => {
    one.send(get.replace('x', first));
    other.send(get.replace('x', second));
    return [(await readAnswer(one)).body.toString(), (await readAnswer(other)).body.toString()];
  };
  assert.deepEqual(await answersTo('warm', 'warm'), ['warm', 'warm']);
  assert.deepEqual(await answersTo('dies', 'held'), ['new', 'held']);
});
