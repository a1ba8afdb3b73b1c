import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { block, connectFrames, Flag, frame, get, number, post, preface, Type } from '../testing/frames.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer } from '../testing/message.ts';
import { ask, connectStreams } from '../testing/streams.ts';

const ours = await certificate(['localhost']);

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));
const stream = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 3, 5) }, fc.integer({ min: 0, max: 9 }));

/** Frames of both sides, right and wrong ones, in any order. */
function frames(heads: readonly Buffer[]): fc.Arbitrary<Buffer[]> {
  const head = fc
    .tuple(fc.constantFrom(...heads), stream, fc.constantFrom(0, 1, 4, 5))
    .map(([fields, id, flags]) => frame(Type.headers, flags, id, fields));
  const data = fc
    .tuple(bytes(40), stream, fc.constantFrom(0, 0, 1))
    .map(([payload, id, flags]) => frame(Type.data, flags, id, payload));
  const reset = fc
    .tuple(stream, fc.integer({ min: 0, max: 15 }))
    .map(([id, code]) => frame(Type.reset, 0, id, number(code)));
  const window = fc
    .tuple(stream, fc.constantFrom(0, 1, 1000, 2 ** 31 - 1))
    .map(([id, size]) => frame(Type.windowUpdate, 0, id, number(size)));
  const settings = fc
    .tuple(fc.integer({ min: 0, max: 8 }), fc.constantFrom(0, 1, 100, 65_536, 2 ** 31))
    .map(([id, value]) => frame(Type.settings, 0, 0, Buffer.concat([Buffer.from([0, id]), number(value)])));
  const goaway = fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 12 }))
    .map(([last, code]) => frame(Type.goaway, 0, 0, Buffer.concat([number(last), number(code)])));
  const any = fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.nat(255), stream, bytes(20))
    .map(([type, flags, id, payload]) => frame(type, flags, id, payload));
  const one = fc.oneof(
    { weight: 6, arbitrary: head },
    { weight: 5, arbitrary: data },
    { weight: 2, arbitrary: reset },
    window,
    settings,
    goaway,
    any,
    bytes(12),
  );
  return fc.array(one, { minLength: 1, maxLength: 12 });
}

test('no frames of a client break more than its own connection', { timeout: 60_000 }, async (t) => {
  const backend = await startBackend(
    t,
    answering(({ body }) => ok(`${body.length}`)),
  );
  const gateway = await startGateway(t, {
    tls: ours,
    backend,
    timeouts: { discard: 20, socket: 300, keepAliveIdle: 1000 },
  });
  const heads = [get(), get('/', 'x', 'y'), post(), post('content-length', '7'), get('/', 'X', 'y'), block('x', 'y')];
  const client = await connectStreams(t, gateway);
  await fc.assert(
    fc.asyncProperty(frames(heads), fc.boolean(), async (sent, breaks) => {
      const wire = await connectFrames(t, gateway);
      wire.send(Buffer.concat([preface, ...sent, frame(Type.ping, 0, 0, Buffer.alloc(8))]));
      if (breaks) wire.socket.destroy();
      assert.equal((await ask(client, '/')).status, 200);
      wire.socket.destroy();
    }),
    { numRuns: 150 },
  );
  client.destroy();
  const { listener } = gateway;
  for (const end = performance.now() + 4000; listener.connections > 0 && performance.now() < end; ) await delay(20);
  assert.equal(listener.connections, 0);
});

test('no frames of a backend break more than the calls that it has', { timeout: 60_000 }, async (t) => {
  let script: readonly Buffer[] = [];
  const settings = Buffer.concat([frame(Type.settings, 0, 0), frame(Type.settings, Flag.ack, 0)]);
  const backend = await startBackend(t, async (wire) => {
    await wire.through('SM\r\n\r\n');
    wire.send(Buffer.concat([settings, ...script]));
  });
  const route = { ...backend.route, protocol: 'h2' as const };
  const gateway = await startGateway(t, {
    backend: { route },
    request: () => ({ timeout: 60 }),
    timeouts: { socket: 60 },
  });
  const heads = [
    block(':status', '200'),
    block(':status', '200', 'content-length', '7'),
    block(':status', '103'),
    block(':status', '204'),
    block('grpc-status', '0'),
    block(':status', '200', 'X', 'y'),
  ];
  let calls = 0;
  await fc.assert(
    fc.asyncProperty(frames(heads), async (sent) => {
      script = sent;
      const client = await gateway.connect();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      // An answer, whole or cut: but one way or the other it ends.
      await gateway.ended(calls++);
      client.socket.destroy();
    }),
    { numRuns: 100 },
  );
  script = [frame(Type.headers, Flag.endHeaders | Flag.endStream, 1, block(':status', '200'))];
  const other = await startGateway(t, { backend: { route } });
  const client = await other.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 200);
});
