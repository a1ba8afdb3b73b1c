import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { connectFrames, Flag, frame, get, goawayCode, nextFrame, post, preface, Type } from '../testing/frames.ts';
import { startGateway } from '../testing/gateway.ts';
import { readRequest } from '../testing/message.ts';
import { answerOf, ask, connectStreams, field, request } from '../testing/streams.ts';
import { ErrorCode } from './error-code.ts';

const ours = await certificate(['localhost']);
const whole = Flag.endHeaders | Flag.endStream;

test('HTTP/2 is not offered where it is switched off, nor to clients that do not ask for it', async (t) => {
  const gateway = await startGateway(t, { tls: ours, http2: { enabled: false } });
  const other = await startGateway(t, { tls: ours });
  const agreed = async (port: number, protocols?: string[]) => {
    const options = { port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false };
    const socket = connect({ ...options, ...(protocols ? { ALPNProtocols: protocols } : {}) });
    t.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    return socket.alpnProtocol;
  };
  assert.equal(await agreed(gateway.port, ['h2', 'http/1.1']), 'http/1.1');
  assert.equal(await agreed(other.port, ['http/1.1', 'h2']), 'h2');
  assert.equal(await agreed(other.port, ['http/1.1']), 'http/1.1');
  assert.equal(await agreed(other.port), false);
});

test('a client that agrees on HTTP/2 and then says nothing is closed at the deadline of heads', async (t) => {
  const gateway = await startGateway(t, { tls: ours, timeouts: { clientHead: 80 } });
  const wire = await connectFrames(t, gateway);
  await wire.stopped();
  assert.equal(gateway.listener.connections, 0);
});

test('a connection without calls is closed, one with a call is not', async (t) => {
  const gateway = await startGateway(t, { tls: ours, timeouts: { keepAliveIdle: 80 }, call: () => {} });
  const busy = await connectFrames(t, gateway);
  busy.send(Buffer.concat([preface, frame(Type.headers, whole, 1, get())]));
  await gateway.called(0);
  const idle = await connectFrames(t, gateway);
  idle.send(preface);
  assert.equal(await goawayCode(idle), ErrorCode.noError);
  await idle.stopped();
  assert.equal(busy.over, null);
  gateway.calls[0]?.reply(200, '', '');
  assert.equal(await goawayCode(busy), ErrorCode.noError);
  await busy.stopped();
});

test('a client that does not close its side when it should is not waited for', async (t) => {
  const timeouts = { keepAliveIdle: 50, discard: 50 };
  const gateway = await startGateway(t, { tls: ours, timeouts });
  const wire = await connectFrames(t, gateway);
  wire.send(preface);
  assert.equal(await goawayCode(wire), ErrorCode.noError);
  assert.equal(await wire.stopped(), 'end');
  // Nothing is sent to tell; the socket is gone when the peer answers what is written to it with a reset.
  while (!wire.socket.destroyed) {
    wire.send(frame(Type.ping, 0, 0, Buffer.alloc(8)));
    await delay(10);
  }
});

test('a body that stops coming is answered with 408, and the connection goes on', async (t) => {
  const gateway = await startGateway(t, { tls: ours, timeouts: { socket: 80, discard: 80 }, call: () => {} });
  const client = await connectStreams(t, gateway);
  const stream = request(client, '/', { method: 'POST' });
  stream.write('hel');
  const answer = await answerOf(stream);
  assert.deepEqual([answer.status, field(answer, 'test-cause')], [408, 'request-timeout']);
  assert.equal((await gateway.ended(0)).status, 408);
  const again = ask(client, '/');
  (await gateway.called(1)).reply(200, '', 'fine');
  assert.equal((await again).body.toString(), 'fine');
});

test('a reader that stalls is reset at its deadline, and others on the connection go on', async (t) => {
  const backend = await startBackend(
    t,
    answering(({ start }) => ok(start.includes('/large') ? 'x'.repeat(4_000_000) : 'fine')),
  );
  const gateway = await startGateway(t, { tls: ours, backend, timeouts: { socket: 150 } });
  const client = await connectStreams(t, gateway);
  const stalled = request(client, '/large');
  stalled.end();
  const closed = new Promise((resolve) => stalled.once('close', resolve));
  await once(stalled, 'response');
  assert.equal((await gateway.ended(0)).end, 'client-timeout');
  assert.equal((await ask(client, '/')).body.toString(), 'fine');
  stalled.resume();
  await closed;
  assert.equal(stalled.rstCode, ErrorCode.cancel);
});

test('an answer that does not wait for the request ends the stream, not the connection', async (t) => {
  const timeouts = { discard: 80 };
  const gateway = await startGateway(t, { tls: ours, timeouts, call: (call) => call.reply(401, '', 'who are you?') });
  const client = await connectStreams(t, gateway);
  const stream = request(client, '/', { method: 'POST' });
  stream.write('hel');
  const answer = await answerOf(stream);
  assert.deepEqual([answer.status, answer.body.toString(), answer.code], [401, 'who are you?', ErrorCode.noError]);
  assert.equal((await ask(client, '/')).status, 401);
  const wire = await connectFrames(t, gateway);
  wire.send(Buffer.concat([preface, frame(Type.headers, Flag.endHeaders, 1, post())]));
  const reset = await nextFrame(wire, Type.reset);
  assert.equal(reset.payload.readUInt32BE(0), ErrorCode.noError);
});

test('a client that waits for 100 Continue gets it', async (t) => {
  const backend = await startBackend(
    t,
    answering(({ body }) => ok(String(body))),
  );
  const gateway = await startGateway(t, { tls: ours, backend, timeouts: { continueWait: 30 } });
  const client = await connectStreams(t, gateway);
  const stream = request(client, '/', { method: 'POST', fields: ['expect', '100-continue'] });
  const answer = answerOf(stream);
  await once(stream, 'continue');
  stream.end('hello');
  const { status, body, interims } = await answer;
  assert.deepEqual([status, body.toString(), interims], [200, 'hello', [100]]);
});

test('a client that goes away in the middle ends its calls', async (t) => {
  const backend = await startBackend(t, () => {});
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  for (const path of ['/1', '/2', '/3']) request(client, path).end();
  await gateway.called(2);
  client.destroy();
  await gateway.ended(2);
  assert.ok(gateway.outcomes.every(({ end }) => end === 'client-closed'));
  for (const index of [0, 1, 2]) await (await backend.wire(index)).stopped();
});

test('a drain lets calls on their way end and takes no further ones', async (t) => {
  const gateway = await startGateway(t, { tls: ours, call: () => {} });
  const idle = await connectFrames(t, gateway);
  idle.send(preface);
  await nextFrame(idle, Type.settings);
  const client = await connectStreams(t, gateway);
  const answer = ask(client, '/');
  const call = await gateway.called(0);
  const goaway = once(client, 'goaway');
  const drained = gateway.listener.drain(4000);
  assert.equal((await goaway)[0], ErrorCode.noError);
  assert.equal(await goawayCode(idle), ErrorCode.noError);
  call.reply(200, '', 'fine');
  assert.equal((await answer).body.toString(), 'fine');
  assert.deepEqual(await drained, { abandoned: 0 });
});

test('a drain breaks calls that do not end in time', async (t) => {
  const gateway = await startGateway(t, { tls: ours, call: () => {} });
  const client = await connectStreams(t, gateway);
  const answer = ask(client, '/');
  await gateway.called(0);
  assert.deepEqual(await gateway.listener.drain(50), { abandoned: 1 });
  assert.equal((await answer).status, 0);
  assert.equal(gateway.outcomes[0]?.end, 'aborted');
});

test('a call that crosses with the word of a drain is not begun, and the client can see it', async (t) => {
  const gateway = await startGateway(t, { tls: ours, call: () => {} });
  const wire = await connectFrames(t, gateway);
  wire.send(Buffer.concat([preface, frame(Type.headers, whole, 1, get())]));
  const call = await gateway.called(0);
  const drained = gateway.listener.drain(4000, 100);
  const { payload } = await nextFrame(wire, Type.goaway);
  assert.equal(payload.readUInt32BE(0), 1, 'the last stream that was begun');
  wire.send(frame(Type.headers, whole, 3, get()));
  call.reply(200, '', '');
  assert.equal((await nextFrame(wire, Type.headers)).stream, 1);
  assert.deepEqual(await drained, { abandoned: 0 });
  assert.equal(gateway.calls.length, 1);
});

test('what a backend asks of the client before it reads is answered on the same stream', async (t) => {
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { body } = await readRequest(wire);
      wire.send(ok(String(body.length)));
    }
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const stream = request(client, '/', { method: 'POST' });
  for (let index = 0; index < 50; index++) stream.write(Buffer.alloc(10_000));
  stream.end();
  assert.equal((await answerOf(stream)).body.toString(), '500000');
});

test('a connection that is stuck is let go, with the calls on it', async (t) => {
  const timeouts = { socket: 60, discard: 60, keepAliveIdle: 60 };
  const backend = await startBackend(t, () => {});
  const gateway = await startGateway(t, { tls: ours, backend, timeouts });
  const wire = await connectFrames(t, gateway);
  // After the word that all is over, a frame that may not be stops the reading for good: not even the end is seen.
  wire.send(
    Buffer.concat([
      preface,
      frame(Type.headers, Flag.endHeaders, 1, post()),
      frame(Type.goaway, 0, 0, Buffer.alloc(8)),
      frame(2, 0x8b, 1, '2'),
    ]),
  );
  wire.socket.destroy();
  await gateway.ended(0);
  for (const end = performance.now() + 3000; gateway.listener.connections > 0 && performance.now() < end; )
    await delay(10);
  assert.equal(gateway.listener.connections, 0);
});
