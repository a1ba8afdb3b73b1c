import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import {
  block,
  connectFrames,
  Flag,
  frame,
  get,
  goawayCode,
  nextFrame,
  number,
  post,
  preface,
  readFrame,
  Type,
} from '../testing/frames.ts';
import { startGateway } from '../testing/gateway.ts';
import { readHead } from '../testing/message.ts';
import { ask, connectStreams, field } from '../testing/streams.ts';
import { ErrorCode } from './error-code.ts';

const ours = await certificate(['localhost']);
const whole = Flag.endHeaders | Flag.endStream;
const fine = answering(() => ok('fine'));

test('a client that resets what it opens, without end, is sent away', async (t) => {
  const backend = await startBackend(t, () => {});
  const gateway = await startGateway(t, { tls: ours, backend, http2: { maxStreams: 10, maxResets: 20 } });
  await t.test('streams that are gone before anybody has seen them', async () => {
    const wire = await connectFrames(t, gateway);
    const pairs = Array.from({ length: 500 }, (_, index) => [
      frame(Type.headers, whole, 2 * index + 1, get()),
      frame(Type.reset, 0, 2 * index + 1, number(ErrorCode.cancel)),
    ]);
    wire.send(Buffer.concat([preface, ...pairs.flat()]));
    assert.equal(await goawayCode(wire), ErrorCode.enhanceYourCalm);
    await wire.stopped();
    assert.ok(gateway.calls.length <= 21, `${gateway.calls.length} calls were begun`);
  });
  await t.test('one after the other', async () => {
    const before = gateway.calls.length;
    const wire = await connectFrames(t, gateway);
    wire.send(preface);
    for (let index = 0; index <= 20; index++) {
      wire.send(frame(Type.headers, whole, 2 * index + 1, get()));
      await gateway.called(before + index);
      wire.send(frame(Type.reset, 0, 2 * index + 1, number(ErrorCode.noError)));
    }
    assert.equal(await goawayCode(wire), ErrorCode.enhanceYourCalm);
    await wire.stopped();
  });
  await gateway.until('the end of all calls', () => (gateway.outcomes.length === gateway.calls.length ? 1 : undefined));
  assert.ok(gateway.outcomes.every(({ end }) => end === 'client-closed'));
});

test('streams beyond those that are allowed are refused, the others answered', async (t) => {
  const backend = await startBackend(t, fine);
  const gateway = await startGateway(t, { tls: ours, call: () => {}, http2: { maxStreams: 2 }, backend });
  const wire = await connectFrames(t, gateway);
  wire.send(preface);
  const { payload } = await readFrame(wire);
  assert.ok(payload.includes(Buffer.from([0, 3, 0, 0, 0, 2])), 'the bound is announced');
  wire.send(Buffer.concat([1, 3, 5].map((id) => frame(Type.headers, whole, id, get()))));
  const refused = await nextFrame(wire, Type.reset);
  assert.deepEqual([refused.stream, refused.payload.readUInt32BE(0)], [5, ErrorCode.refusedStream]);
  assert.equal(gateway.calls.length, 2);
});

const floods: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['pings', frame(Type.ping, 0, 0, Buffer.alloc(8))],
  ['settings', frame(Type.settings, 0, 0)],
  ['resets of streams that never were', frame(Type.reset, 0, 1, number(0))],
  ['empty frames of data', frame(Type.data, 0, 1)],
];

for (const [what, bytes] of floods) {
  test(`a flood of ${what} ends the connection, not the gateway`, async (t) => {
    const backend = await startBackend(t, fine);
    const gateway = await startGateway(t, { tls: ours, backend });
    const wire = await connectFrames(t, gateway);
    const opened = what.startsWith('empty') ? frame(Type.headers, Flag.endHeaders, 1, post()) : Buffer.alloc(0);
    // The peer reads none of what it is answered.
    wire.socket.pause();
    wire.send(Buffer.concat([preface, opened]));
    const flood = Buffer.concat(Array.from({ length: 2000 }, () => bytes));
    let sent = 0;
    while (!wire.socket.destroyed && wire.over === null && sent < 20_000_000) {
      await new Promise<void>((resolve) => {
        wire.socket.write(flood, () => resolve());
        wire.socket.once('close', () => resolve());
      });
      sent += flood.length;
      if (sent > 4_000_000) wire.socket.resume();
    }
    assert.notEqual(wire.over, null);
    const client = await connectStreams(t, gateway);
    assert.equal((await ask(client, '/')).status, 200);
  });
}

test('a head that never ends is cut off', async (t) => {
  const gateway = await startGateway(t, { tls: ours, call: () => {} });
  const wire = await connectFrames(t, gateway);
  const more = frame(Type.continuation, 0, 1, block('x', 'y'.repeat(1000)));
  wire.send(Buffer.concat([preface, frame(Type.headers, Flag.endStream, 1, get()), ...Array(100).fill(more)]));
  assert.notEqual(await goawayCode(wire), ErrorCode.noError);
  await wire.stopped();
  assert.equal(gateway.calls.length, 0);
});

test('heads beyond a limit are answered, and those far beyond it reset', async (t) => {
  const limits = { headBytes: 2000, headerCount: 20, targetBytes: 500, bodyBytes: 10 };
  const gateway = await startGateway(t, { tls: ours, limits, call: (call) => call.reply(200, '', '') });
  const client = await connectStreams(t, gateway);
  const many = (count: number) => Array.from({ length: count }, (_, index) => [`x-${index}`, 'y']).flat();
  const cause = async (path: string, fields: readonly string[], body?: string) => {
    const answer = await ask(client, path, { method: 'POST', fields, ...(body === undefined ? {} : { body }) });
    return [answer.status, field(answer, 'test-cause')];
  };
  assert.deepEqual(await cause('/', ['x', 'y'.repeat(2000)]), [431, 'headers-too-large']);
  assert.deepEqual(await cause('/', many(25)), [431, 'headers-too-large']);
  assert.deepEqual(await cause(`/${'a'.repeat(600)}`, []), [414, 'uri-too-long']);
  assert.deepEqual(await cause('/', ['content-length', '11'], 'x'.repeat(11)), [413, 'request-body-too-large']);
  assert.equal((await ask(client, '/', { fields: ['x', 'y'.repeat(8000)] })).code, ErrorCode.enhanceYourCalm);
  assert.equal((await ask(client, '/', { fields: many(200) })).code, ErrorCode.enhanceYourCalm);
  assert.equal((await ask(client, '/')).status, 200);
});

const malformed: readonly (readonly [what: string, fields: Buffer])[] = [
  ['a field in capitals', get('/', 'X-A', '1')],
  ['a field of the connection', get('/', 'connection', 'close')],
  ['a transfer coding', get('/', 'transfer-encoding', 'chunked')],
  ['te with more than trailers', get('/', 'te', 'gzip')],
  ['a line end in the path', get('/ HTTP/1.1\r\nx: y')],
  ['a path of another form', get('http://gw.example/')],
  ['a Host that differs', get('/', 'host', 'other.example')],
  ['two lengths', get('/', 'content-length', '0', 'content-length', '0')],
  ['a length without a body', get('/', 'content-length', '5')],
  ['a pseudo-field too late', block(':method', 'GET', ':scheme', 'https', ':authority', 'a', 'x', 'y', ':path', '/')],
  ['a pseudo-field twice', get('/', ':path', '/')],
  ['no path', block(':method', 'GET', ':scheme', 'https', ':authority', 'a')],
  ['no host', block(':method', 'GET', ':scheme', 'https', ':path', '/')],
];

test('malformed requests never become calls, and harm no other on the connection', async (t) => {
  const backend = await startBackend(t, fine);
  const gateway = await startGateway(t, { tls: ours, backend });
  const wire = await connectFrames(t, gateway);
  wire.send(preface);
  for (const [index, [what, fields]] of malformed.entries()) {
    const id = 2 * index + 1;
    wire.send(frame(Type.headers, whole, id, fields));
    let found = await readFrame(wire);
    while (found.stream !== id) found = await readFrame(wire);
    const refused = found.type === Type.reset || (found.type === Type.headers && gateway.refusals.length > 0);
    assert.ok(refused, what);
    assert.equal(gateway.calls.length, 0, what);
  }
  wire.send(frame(Type.headers, whole, 99, get()));
  await gateway.called(0);
});

test('a field that HTTP forbids is seen by nobody', async (t) => {
  const heads: string[] = [];
  const backend = await startBackend(
    t,
    answering(({ head }) => {
      heads.push(head);
      return ok('');
    }),
  );
  const gateway = await startGateway(t, { tls: ours, backend });
  const wire = await connectFrames(t, gateway);
  for (const [index, fields] of [
    get('/', 'x', 'a\r\nb: c'),
    get('/', 'x', 'a\nb'),
    get('/', 'x', 'a\0'),
    get('/', 'x y', 'a'),
    get('/', 'x\r\ny', 'a'),
  ].entries()) {
    wire.send(
      Buffer.concat([index === 0 ? preface : Buffer.alloc(0), frame(Type.headers, whole, 2 * index + 1, fields)]),
    );
    await gateway.ended(index);
    assert.equal(heads[index], 'GET / HTTP/1.1\r\nHost: gw.example');
  }
});

test('a body that disagrees with its length is a broken call, not another body', async (t) => {
  for (const [what, frames] of [
    ['less', [frame(Type.data, Flag.endStream, 1, 'hell')]],
    ['more', [frame(Type.data, 0, 1, 'hell'), frame(Type.data, Flag.endStream, 1, 'oo')]],
  ] as const) {
    const gone: Promise<unknown>[] = [];
    const backend = await startBackend(t, async (wire) => {
      await readHead(wire);
      gone.push(wire.rest());
    });
    const gateway = await startGateway(t, { tls: ours, backend });
    const wire = await connectFrames(t, gateway);
    wire.send(
      Buffer.concat([preface, frame(Type.headers, Flag.endHeaders, 1, post('content-length', '5')), ...frames]),
    );
    assert.equal((await gateway.ended(0)).end, 'client-closed');
    for (const body of gone) assert.ok(((await body) as string).length < 5, what);
  }
});

test('a body that is broken off does not reach the backend as a whole one', async (t) => {
  for (const code of [ErrorCode.noError, ErrorCode.cancel, ErrorCode.internalError]) {
    const backend = await startBackend(t, async (wire) => {
      await readHead(wire);
      await wire.through('hello');
    });
    const gateway = await startGateway(t, { tls: ours, backend });
    const wire = await connectFrames(t, gateway);
    wire.send(
      Buffer.concat([preface, frame(Type.headers, Flag.endHeaders, 1, post()), frame(Type.data, 0, 1, 'hello')]),
    );
    const asked = await backend.wire(0);
    await gateway.called(0);
    while (asked.received < 5) await new Promise((resolve) => asked.socket.once('data', resolve));
    wire.send(frame(Type.reset, 0, 1, number(code)));
    assert.equal((await gateway.ended(0)).end, 'client-closed');
    await asked.stopped();
    assert.ok(!asked.buffered.includes('0\r\n\r\n'), 'the last chunk');
  }
});

test('trailers that say what only a head may are refused', async (t) => {
  const backend = await startBackend(t, () => {});
  const gateway = await startGateway(t, { tls: ours, backend });
  const wire = await connectFrames(t, gateway);
  wire.send(
    Buffer.concat([
      preface,
      frame(Type.headers, Flag.endHeaders, 1, post()),
      frame(Type.headers, whole, 1, block('content-type', 'x')),
    ]),
  );
  await gateway.ended(0);
  assert.deepEqual(
    gateway.refusals.map(({ status }) => status),
    [400],
  );
});
