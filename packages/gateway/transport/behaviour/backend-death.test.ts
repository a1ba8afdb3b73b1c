import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../call.ts';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { deadRoute } from '../testing/dead.ts';
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
      assert.deepEqual([status, end, backend], [200, 'complete', living.route]);
    });
  }
});

test('a name whose addresses all refuse is refused', async (t) => {
  const gateway = await startGateway(t, { backend: { route: { ...(await deadRoute()), host: 'localhost' } } });
  const client = await gateway.connect();
  client.send(get);
  assert.equal((await readAnswer(client)).body.toString(), 'connect-refused');
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

test('a call that goes on to another backend is repeated there too when the kept connection is dead', async (t) => {
  /** Answers a call to /warm, and nothing else but what comes on a connection made after it. */
  const keeping = (later: (wire: Wire) => void) => async (wire: Wire, index: number) => {
    for (;;) {
      const { start } = await readRequest(wire);
      if (start.includes('/warm')) wire.send(ok('warm'));
      else if (index === 0) wire.reset();
      else later(wire);
    }
  };
  const first = await startBackend(
    t,
    keeping((wire) => wire.reset()),
  );
  const second = await startBackend(
    t,
    keeping((wire) => wire.send(ok('second'))),
  );
  const gateway = await startGateway(t, {
    backend: first,
    call: (call, self) => {
      const elsewhere = { route: second.route };
      if (call.head.target === '/warm?second') self.send(call, elsewhere);
      else {
        self.send(call, {
          onFault({ replayable }) {
            assert.ok(replayable);
            self.send(call, elsewhere);
          },
        });
      }
    },
  });
  const client = await gateway.connect();
  for (const [target, body] of [
    ['warm?first', 'warm'],
    ['warm?second', 'warm'],
    ['x', 'second'],
  ] as const) {
    client.send(get.replace('x', target));
    assert.equal((await readAnswer(client)).body.toString(), body);
  }
});
