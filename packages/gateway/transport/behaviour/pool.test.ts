import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Backends } from '../backend-pool.ts';
import { defaultLimits, defaultPool, defaultTimeouts } from '../options.ts';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { blackHole } from '../testing/black-hole.ts';
import { deadRoute } from '../testing/dead.ts';
import { type Gateway, startGateway } from '../testing/gateway.ts';
import { readAnswer, readRequest, value } from '../testing/message.ts';
import { punctual } from '../testing/punctual.ts';

const get = (target = '/x') => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;

async function clients(gateway: Gateway, count: number) {
  return Promise.all(Array.from({ length: count }, () => gateway.connect()));
}

/** A backend that answers only when `release` was called, and notes what it was asked in order. */
async function patient(t: Parameters<typeof startBackend>[0], release: Promise<void>) {
  const seen: string[] = [];
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { start } = await readRequest(wire);
      seen.push(start.split(' ')[1] ?? '');
      await release;
      wire.send(ok(start));
    }
  });
  return { seen, backend };
}

test('calls beyond the bound of a route wait their turn', async (t) => {
  const release = Promise.withResolvers<void>();
  const { seen, backend } = await patient(t, release.promise);
  const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 2 } });
  const wires = await clients(gateway, 12);
  for (const [index, wire] of wires.entries()) {
    wire.send(get(`/${index}`));
    await gateway.called(index);
  }
  release.resolve();
  for (const [index, wire] of wires.entries()) {
    assert.equal((await readAnswer(wire)).body.toString(), `GET /${index} HTTP/1.1`);
  }
  assert.equal(backend.wires.length, 2);
  // Two lanes: each call overtakes at most its neighbour.
  for (const [place, target] of seen.entries()) assert.ok(Math.abs(Number(target.slice(1)) - place) <= 1, `${seen}`);
});

test('a connection that fails or ends makes room for those that wait', async (t) => {
  await t.test('when nothing listens', async (t) => {
    const gateway = await startGateway(t, { backend: { route: await deadRoute() }, pool: { maxPerRoute: 1 } });
    const wires = await clients(gateway, 5);
    for (const wire of wires) wire.send(get());
    for (const wire of wires) assert.equal((await readAnswer(wire)).body.toString(), 'connect-refused');
    wires[0]?.send(get());
    assert.equal((await readAnswer(wires[0] as (typeof wires)[0])).body.toString(), 'connect-refused');
  });
  await t.test('when each answer closes', async (t) => {
    const backend = await startBackend(
      t,
      answering(() => ok('bye', 'Connection: close\r\n')),
    );
    const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 1 } });
    const wires = await clients(gateway, 5);
    for (const wire of wires) wire.send(get());
    for (const wire of wires) assert.equal((await readAnswer(wire)).body.toString(), 'bye');
    assert.equal(backend.wires.length, 5);
  });
  await t.test('when each dies', async (t) => {
    const backend = await startBackend(t, async (wire) => {
      await readRequest(wire);
      wire.reset();
    });
    const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 1 } });
    const wires = await clients(gateway, 5);
    for (const wire of wires) wire.send(get());
    for (const wire of wires) assert.equal((await readAnswer(wire)).status, 502);
  });
  await t.test('when its client goes away', async (t) => {
    const backend = await startBackend(t, async (wire, index) => {
      for (;;) {
        await readRequest(wire);
        if (index > 0) wire.send(ok('second'));
      }
    });
    const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 1 } });
    const [first, second] = await clients(gateway, 2);
    first?.send(get());
    await gateway.called(0);
    second?.send(get());
    await gateway.called(1);
    first?.reset();
    assert.equal((await readAnswer(second as NonNullable<typeof second>)).body.toString(), 'second');
  });
});

test('an unused connection is closed after its idle time', async (t) => {
  const backend = await startBackend(
    t,
    answering(() => ok('')),
  );
  const gateway = await startGateway(t, { backend, pool: { idleTime: 120 } });
  const client = await gateway.connect();
  client.send(get());
  await readAnswer(client);
  const wire = await backend.wire(0);
  await punctual(120, () => wire.stopped());
  client.send(get());
  assert.equal((await readAnswer(client)).status, 200);
  assert.equal(backend.wires.length, 2);
});

/** Passes time with calls that need no backend. */
async function pass(gateway: Gateway, millis: number): Promise<void> {
  const client = await gateway.connect();
  for (const until = performance.now() + millis; performance.now() < until; ) {
    client.send(get('/clock'));
    await readAnswer(client);
  }
  client.socket.destroy();
}

test('routes do not share connections', async (t) => {
  const one = await startBackend(
    t,
    answering(() => ok('one')),
  );
  const other = await startBackend(
    t,
    answering(() => ok('other')),
  );
  const gateway = await startGateway(t, {
    backend: one,
    request: (call) => ({ route: { ...(call.head.target === '/other' ? other : one).route } }),
  });
  const client = await gateway.connect();
  for (let count = 0; count < 6; count++) {
    const name = count % 2 ? 'other' : 'one';
    client.send(get(`/${name}`));
    assert.equal((await readAnswer(client)).body.toString(), name);
  }
  assert.deepEqual([one.wires.length, other.wires.length], [1, 1]);
});

test('a call that may not wait is told so, and one that would wait too far behind', async (t) => {
  for (const [maxPending, kind] of [
    [0, 'pool-full'],
    [1, 'queue-full'],
  ] as const) {
    const release = Promise.withResolvers<void>();
    const { backend } = await patient(t, release.promise);
    const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 2, maxPending } });
    const wires = await clients(gateway, 3 + maxPending);
    // Those for whom a connection is being opened are not counted as waiting.
    for (const [index, wire] of wires.entries()) {
      wire.send(get());
      await gateway.called(index);
    }
    assert.equal((await readAnswer(wires.at(-1) as (typeof wires)[0])).body.toString(), kind);
    release.resolve();
    for (const wire of wires.slice(0, -1)) assert.equal((await readAnswer(wire)).status, 200);
    assert.equal(gateway.faults.length, 1);
  }
});

test('clients that go away leave no attempts to connect behind', async (t) => {
  const route = await blackHole(t);
  const backends = new Backends(defaultLimits, defaultTimeouts, defaultPool);
  t.after(() => backends.close());
  const gateway = await startGateway(t, { backend: { route }, backends });
  const wires = await clients(gateway, 5);
  for (const [index, wire] of wires.entries()) {
    wire.send(get());
    await gateway.called(index);
  }
  assert.deepEqual([backends.statistics.backendConnecting, backends.statistics.backendWaiting], [5, 5]);
  for (const [index, wire] of wires.slice(1).entries()) {
    wire.reset();
    await gateway.ended(index);
  }
  const { backendConnecting, backendConnections, backendWaiting } = backends.statistics;
  assert.deepEqual([backendConnecting, backendConnections, backendWaiting], [1, 1, 1]);
});

test('a gateway that closes gives up the connections that it is opening', async (t) => {
  const route = await blackHole(t);
  const gateway = await startGateway(t, { backend: { route } });
  const client = await gateway.connect();
  client.send(get());
  await gateway.called(0);
  // Nothing may be armed any more when the fixture has closed it.
});

test('connections are counted', async (t) => {
  const release = Promise.withResolvers<void>();
  const { seen, backend } = await patient(t, release.promise);
  const backends = new Backends(defaultLimits, defaultTimeouts, { ...defaultPool, maxPerRoute: 2 });
  t.after(() => backends.close());
  const dead = await deadRoute();
  const gateway = await startGateway(t, {
    backend,
    backends,
    request: (call) => (call.head.target === '/dead' ? { route: dead } : {}),
  });
  const wires = await clients(gateway, 3);
  for (const [index, wire] of wires.entries()) {
    wire.send(get());
    await gateway.called(index);
  }
  while (seen.length < 2) await setImmediate();
  const common = { backendFailed: 0, backendOpened: 2, backendLookupsFailed: 0 };
  assert.deepEqual(backends.statistics, {
    ...common,
    backendConnections: 2,
    backendIdle: 0,
    backendConnecting: 0,
    backendWaiting: 1,
  });
  release.resolve();
  for (const wire of wires) await readAnswer(wire);
  assert.deepEqual(backends.statistics, {
    ...common,
    backendConnections: 2,
    backendIdle: 2,
    backendConnecting: 0,
    backendWaiting: 0,
  });
  wires[0]?.send(get('/dead'));
  assert.equal((await readAnswer(wires[0] as (typeof wires)[0])).body.toString(), 'connect-refused');
  assert.equal(backends.statistics.backendFailed, 1);
});

test('without keep-alive every request has a connection of its own, and the backend is told', async (t) => {
  const backend = await startBackend(
    t,
    answering(({ lines }) => ok(value({ lines }, 'connection') ?? 'none')),
  );
  const gateway = await startGateway(t, { backend, pool: { keepAlive: false } });
  const client = await gateway.connect();
  for (let count = 1; count <= 3; count++) {
    client.send(get());
    assert.equal((await readAnswer(client)).body.toString(), 'close');
    assert.ok(await (await backend.wire(count - 1)).stopped());
  }
});

test('the bound of a route holds after its only connection has become too old', async (t) => {
  const release = Promise.withResolvers<void>();
  let asked = 0;
  let most = 0;
  const backend = await startBackend(t, async (wire, index) => {
    for (;;) {
      await readRequest(wire);
      most = Math.max(most, ++asked);
      if (index > 0) await release.promise;
      asked--;
      wire.send(ok(''));
    }
  });
  const pool = { ...defaultPool, maxPerRoute: 1, maxLifespan: 80 };
  const backends = new Backends(defaultLimits, defaultTimeouts, pool);
  t.after(() => backends.close());
  const gateway = await startGateway(t, {
    backend,
    backends,
    call: (call) => (call.head.target === '/clock' ? call.reply(200, '', '') : gateway.send(call)),
  });
  const wires = await clients(gateway, 3);
  wires[0]?.send(get());
  await readAnswer(wires[0] as (typeof wires)[0]);
  await pass(gateway, 120);
  const before = gateway.calls.length;
  for (const [index, wire] of wires.entries()) {
    wire.send(get());
    await gateway.called(before + index);
  }
  const { backendConnections, backendIdle, backendConnecting, backendWaiting } = backends.statistics;
  assert.equal(backendConnections - backendIdle - backendConnecting + backendWaiting, 3, 'calls that nobody counts');
  // One of those that wait goes away: it must be found where it waits.
  wires[2]?.reset();
  await gateway.until('the end of that call', () => gateway.outcomes.find(({ end }) => end === 'client-closed'));
  while (most === 0 || asked === 0) await setImmediate();
  release.resolve();
  for (const wire of wires.slice(0, 2)) assert.equal((await readAnswer(wire)).status, 200);
  assert.equal(most, 1);
});
