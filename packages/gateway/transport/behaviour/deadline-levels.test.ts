import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Route } from '../call.ts';
import type { RouteTimeouts, TimeoutOptions } from '../options.ts';
import { startBackend } from '../testing/backend.ts';
import { blackHole } from '../testing/black-hole.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, readHead, readRequest } from '../testing/message.ts';
import { notBefore } from '../testing/not-before.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const late = 120;
const silent = () => {};
const upload = 32 * 1024 * 1024;

/** Takes the head and then nothing more. */
const greedless: Parameters<typeof startBackend>[1] = async (wire) => {
  await readHead(wire);
  wire.socket.pause();
};

test('deadlines of a route go before those of the gateway, whichever are longer, and are named', async (t) => {
  const hole = await blackHole(t);
  const mute = (await startBackend(t, silent)).route;
  const rows: [string, Route, TimeoutOptions, RouteTimeouts, string][] = [
    ['connect', hole, { connect: 5000 }, { connect: late }, 'connect'],
    ['a longer connect', hole, { connect: 40 }, { connect: late }, 'connect'],
    ['first byte', mute, { socket: 40 }, { firstByte: late }, 'first-byte'],
    ['a shorter first byte', mute, { firstByte: 5000 }, { firstByte: late }, 'first-byte'],
  ];
  for (const [what, route, timeouts, own, name] of rows) {
    await t.test(what, async (t) => {
      const gateway = await startGateway(t, { backend: { route: { ...route, timeouts: own } }, timeouts });
      const client = await gateway.connect();
      await notBefore(late, () => {
        client.send(get);
        return readAnswer(client);
      });
      assert.deepEqual([gateway.faults[0]?.deadline?.name, gateway.faults[0]?.deadline?.value], [name, late]);
    });
  }
});

test('routes with other deadlines do not share connections', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      await readRequest(wire);
      wire.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
  });
  let timeouts: RouteTimeouts = { firstByte: 5000 };
  const gateway = await startGateway(t, { backend, request: () => ({ route: { ...backend.route, timeouts } }) });
  const client = await gateway.connect();
  for (const firstByte of [5000, 5000, 6000]) {
    timeouts = { firstByte };
    client.send(get);
    assert.equal((await readAnswer(client)).status, 200);
  }
  assert.equal(backend.wires.length, 2);
});

test('the global deadline of a call replaces that of the gateway, and the duration of its endpoint replaces both', async (t) => {
  const backend = await startBackend(t, silent);
  const rows: [global: number, timeout: number, name: string][] = [
    [late, 0, 'global'],
    [40, late, 'endpoint'],
    [5000, late, 'endpoint'],
  ];
  for (const [global, timeout, name] of rows) {
    const gateway = await startGateway(t, {
      backend,
      timeouts: { global: 60 },
      request: () => ({ global, timeout }),
    });
    const client = await gateway.connect();
    await notBefore(late, () => {
      client.send(get);
      return readAnswer(client);
    });
    assert.deepEqual([gateway.faults[0]?.deadline?.name, gateway.faults[0]?.deadline?.value], [name, late]);
  }
});

test('a backend that takes no more of a request is told from one that does not answer', async (t) => {
  const backend = await startBackend(t, greedless);
  const gateway = await startGateway(t, {
    backend,
    timeouts: { backendWriteIdle: late, global: 0, clientBodyIdle: 0 },
  });
  const client = await gateway.connect();
  client.send(`POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${upload}\r\n\r\n`);
  client.send(Buffer.alloc(upload));
  const fault = await gateway.until('a fault', () => gateway.faults[0]);
  assert.deepEqual(
    [fault.kind, fault.deadline?.name, fault.deadline?.value],
    ['socket-timeout', 'backend-write-idle', late],
  );
});

test('a slow client has the silences that its call is granted, shorter or longer than those of the gateway', async (t) => {
  for (const gatewayIdle of [40, 5000]) {
    const gateway = await startGateway(t, {
      timeouts: { socket: gatewayIdle },
      call: (call) => call.limitSilence({ bodyIdle: late, writeIdle: late }),
    });
    const client = await gateway.connect();
    const answer = await notBefore(late, () => {
      client.send('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello');
      return readAnswer(client);
    });
    assert.equal(answer.status, 408);
  }
});

test('a client that does not take its answer is cut off when its call says so', async (t) => {
  for (const gatewayIdle of [40, 5000]) {
    const gateway = await startGateway(t, {
      timeouts: { clientWriteIdle: gatewayIdle },
      backend: await startBackend(t, async (wire) => {
        await readRequest(wire);
        wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${upload}\r\n\r\n`);
        wire.send(Buffer.alloc(upload));
      }),
      call: (call, gateway) => {
        call.limitSilence({ bodyIdle: 0, writeIdle: 400 });
        gateway.send(call);
      },
    });
    const client = await gateway.connect();
    client.send(get);
    await readHead(client);
    client.socket.pause();
    const outcome = await gateway.ended(0);
    assert.equal(outcome.end, 'client-timeout');
    assert.ok(outcome.duration >= 390 && outcome.duration < 4900, `${outcome.duration}`);
  }
});

test('the earlier of two deadlines is named though the process looks after both', async (t) => {
  const backend = await startBackend(t, silent);
  const rows = [
    { firstByte: 40, endpoint: 80, kind: 'socket-timeout' },
    { firstByte: 80, endpoint: 40, kind: 'timeout' },
    // One that the endpoint says itself is not hidden by an equal one of the gateway.
    { firstByte: 40, endpoint: 40, kind: 'timeout' },
  ];
  for (const { firstByte, endpoint, kind } of rows) {
    const gateway = await startGateway(t, { backend, timeouts: { firstByte }, request: () => ({ timeout: endpoint }) });
    const client = await gateway.connect();
    const { length } = backend.wires;
    client.send(get);
    await readHead(await backend.wire(length));
    const until = performance.now() + 120;
    while (performance.now() < until);
    await readAnswer(client);
    assert.equal(gateway.faults[0]?.kind, kind);
  }
});

test('a call that waits for a connection is told which of two deadlines came first', async (t) => {
  const backend = await startBackend(t, silent);
  for (const [poolWait, timeout, kind] of [
    [40, 80, 'pool-full'],
    [80, 40, 'timeout'],
  ] as const) {
    const gateway = await startGateway(t, {
      backend,
      pool: { maxPerRoute: 1 },
      timeouts: { poolWait },
      request: (call) => ({ timeout: call.head.target === '/first' ? 5000 : timeout }),
    });
    const first = await gateway.connect();
    first.send('GET /first HTTP/1.1\r\nHost: a\r\n\r\n');
    await backend.wire(backend.wires.length);
    const client = await gateway.connect();
    client.send(get);
    await gateway.called(1);
    const until = performance.now() + 120;
    while (performance.now() < until);
    await readAnswer(client);
    assert.equal(gateway.faults[0]?.kind, kind);
    first.socket.destroy();
  }
});
