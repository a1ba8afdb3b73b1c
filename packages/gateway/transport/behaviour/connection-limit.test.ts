import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ConnectionLimit } from '../connection-limit.ts';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer } from '../testing/message.ts';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
const echo = answering(({ start }) => ok(start.split(' ')[1] ?? ''));

/** A limit that notes when accepting stops and goes on. */
function noting(most: number): { limit: ConnectionLimit; changes: boolean[] } {
  const changes: boolean[] = [];
  return { limit: new ConnectionLimit(most, (paused) => changes.push(paused)), changes };
}

test('connections beyond the most wait unanswered, and are served in turn as others are closed', async (t) => {
  const backend = await startBackend(t, echo);
  const { limit, changes } = noting(2);
  const gateway = await startGateway(t, { backend, connectionLimit: limit });
  const first = await gateway.connect();
  const second = await gateway.connect();
  for (const [index, wire] of [first, second].entries()) {
    wire.send(get(`/${index}`));
    assert.equal((await readAnswer(wire)).body.toString(), `/${index}`);
  }
  assert.deepEqual([changes, limit.paused, gateway.listener.connections], [[true], true, 2]);
  const waiting = await Promise.all(['/a', '/b', '/c'].map(() => gateway.connect()));
  for (const [index, wire] of waiting.entries()) wire.send(get(`/wait-${index}`));
  // Those that are open go on, again and again, and nothing of the others is read meanwhile.
  for (let round = 0; round < 20; round++) {
    first.send(get(`/again-${round}`));
    assert.equal((await readAnswer(first)).body.toString(), `/again-${round}`);
  }
  assert.deepEqual(
    waiting.map(({ received }) => received),
    [0, 0, 0],
  );
  first.socket.destroy();
  for (const [index, wire] of waiting.entries()) {
    assert.equal((await readAnswer(wire)).body.toString(), `/wait-${index}`);
    assert.ok(gateway.listener.connections <= 2);
    wire.socket.destroy();
  }
  second.send(get('/last'));
  assert.equal((await readAnswer(second)).body.toString(), '/last');
  assert.deepEqual([changes, limit.pauses], [[true, false], 1]);
});

test('listeners share the limit: one that is plain and one with TLS', async (t) => {
  const backend = await startBackend(t, echo);
  const { limit } = noting(1);
  const tls = await certificate(['127.0.0.1']);
  const plain = await startGateway(t, { backend, connectionLimit: limit });
  const secure = await startGateway(t, { backend, connectionLimit: limit, tls });
  for (const [held, other] of [
    [plain, secure],
    [secure, plain],
  ] as const) {
    const first = await held.connect();
    first.send(get('/held'));
    assert.equal((await readAnswer(first)).body.toString(), '/held');
    // With TLS the handshake itself waits.
    const next = other.connect();
    first.send(get('/again'));
    await readAnswer(first);
    assert.equal(other.listener.connections, 0);
    first.socket.destroy();
    const wire = await next;
    wire.send(get('/next'));
    assert.equal((await readAnswer(wire)).body.toString(), '/next');
    wire.socket.destroy();
  }
});

test('a connection that was given up while it waited, or that never shook hands, leaves its place', async (t) => {
  const backend = await startBackend(t, echo);
  const { limit } = noting(1);
  const tls = await certificate(['127.0.0.1']);
  const plain = await startGateway(t, { backend, connectionLimit: limit });
  const secure = await startGateway(t, { backend, connectionLimit: limit, tls, timeouts: { tlsHandshake: 50 } });
  const first = await plain.connect();
  first.send(get('/1'));
  await readAnswer(first);
  const givenUp = await plain.connect();
  const silent = connect({ host: '127.0.0.1', port: secure.port });
  silent.on('error', () => {});
  const broken = connect({ host: '127.0.0.1', port: secure.port });
  broken.on('error', () => {});
  await Promise.all([silent, broken].map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  broken.resetAndDestroy();
  givenUp.reset();
  const last = await plain.connect();
  last.send(get('/last'));
  first.socket.destroy();
  assert.equal((await readAnswer(last)).body.toString(), '/last');
  silent.destroy();
});

test('a drain with grace serves what waits, one without refuses it', async (t) => {
  const backend = await startBackend(t, echo);
  for (const grace of [1000, 0]) {
    const { limit } = noting(1);
    const gateway = await startGateway(t, { backend, connectionLimit: limit });
    const first = await gateway.connect();
    first.send(get('/1'));
    await readAnswer(first);
    const waiting = await gateway.connect();
    waiting.send(get('/waiting'));
    const drained = gateway.listener.drain(2000, grace);
    if (grace > 0) {
      assert.equal((await readAnswer(waiting)).body.toString(), '/waiting');
      for (const wire of [first, waiting]) wire.socket.destroy();
    } else assert.equal(await waiting.stopped(), 'reset');
    assert.deepEqual(await drained, { abandoned: 0 });
  }
});
