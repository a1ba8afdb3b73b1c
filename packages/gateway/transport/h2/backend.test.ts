import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { BackendTls } from '../call.ts';
import { ok, type Script, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { block, Flag, frame, nextFrame, number, Type } from '../testing/frames.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, value } from '../testing/message.ts';
import { checkPattern, pattern } from '../testing/pattern.ts';
import { answerOf, ask, connectStreams, request, startStreamBackend } from '../testing/streams.ts';
import type { Wire } from '../testing/wire.ts';
import { ErrorCode } from './error-code.ts';

const ours = await certificate(['localhost', '127.0.0.1']);

test('a call of HTTP/1.1 reaches a backend of HTTP/2', async (t) => {
  const heads: (readonly string[])[] = [];
  const backend = await startStreamBackend(t, (stream, raw) => {
    heads.push(raw);
    const parts: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => parts.push(bytes));
    stream.on('trailers', (headers) => parts.push(Buffer.from(` ${headers['x-sum']}`)));
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'x-a': ['1', '2'] });
      stream.end(Buffer.concat(parts));
    });
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('GET /x?y=z HTTP/1.1\r\nHost: gw.example\r\nX-A: 1\r\nX-a: 2\r\nTE: trailers\r\nConnection: te\r\n\r\n');
  const answer = await readAnswer(client);
  assert.equal(answer.start, 'HTTP/1.1 200 OK');
  assert.equal(answer.framing, 'chunked');
  assert.deepEqual(heads[0], [
    ...[':method', 'GET', ':scheme', 'http', ':authority', 'gw.example', ':path', '/x?y=z'],
    ...['te', 'trailers', 'x-a', '1', 'x-a', '2'],
  ]);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
  assert.equal((await readAnswer(client)).body.toString(), 'hello');
  client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 7\r\n\r\n');
  assert.equal((await readAnswer(client)).body.toString(), 'hello 7');
  assert.equal(backend.sessions.length, 1);
});

test('from stream to stream', async (t) => {
  const backend = await startStreamBackend(t, (stream) => {
    const parts: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => parts.push(bytes));
    stream.on('end', () => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.concat(parts));
    });
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const answer = await ask(client, '/', { method: 'POST', body: 'hello' });
  assert.deepEqual([answer.status, answer.body.toString(), answer.trailers], [200, 'hello', { 'grpc-status': '0' }]);
});

test('what only HTTP/1.1 knows is left out, and the rest passes whatever it is', async (t) => {
  const heads: string[] = [];
  const backend = await startStreamBackend(t, (stream, raw) => {
    heads.push(raw.join(' ').replace(/^:method (\S+) :scheme http :authority a :path /, '$1 '));
    stream.on('trailers', (headers) => heads.push(JSON.stringify(headers)));
    stream.resume();
    stream.on('end', () => stream.respond({ ':status': 200 }, { endStream: true }));
  });
  const gateway = await startGateway(t, { backend });
  const requests = [
    ['GET / HTTP/1.1', 'HTTP2-Settings: x\r\nTE: gzip\r\nUpgrade: h2c\r\nProxy-Connection: y\r\n\r\n', 'GET /'],
    ['OPTIONS * HTTP/1.1', '\r\n', 'OPTIONS *'],
    ['M!#X /?{}|\\^`"<> HTTP/1.1', '\r\n', 'M!#X /?{}|\\^`"<>'],
    ['GET / HTTP/1.1', 'X: \xff\r\nRange: a\r\nRange: b\r\n\r\n', 'GET / x \xff range a range b'],
    ['GET / HTTP/1.1', 'Content-Length: 3\r\n\r\nabc', 'GET / content-length 3'],
    [
      'PUT / HTTP/1.1',
      'Transfer-Encoding: chunked\r\n\r\n0\r\nHTTP2-Settings: x\r\nX: 1\r\n\r\n',
      'PUT /',
      '{"x":"1"}',
    ],
  ] as const;
  for (const [line, rest] of requests) {
    const client = await gateway.connect();
    client.send(`${line}\r\nHost: a\r\n${rest}`);
    assert.equal((await readAnswer(client)).status, 200, line);
  }
  assert.deepEqual(
    heads,
    requests.flatMap(([, , ...expected]) => expected),
  );
});

/** A backend of frames: what it does with each connection, once it has said what it must. */
function framed(script: (wire: Wire, index: number) => Promise<unknown>): Script {
  return async (wire, index) => {
    await wire.through('SM\r\n\r\n');
    wire.send(Buffer.concat([frame(Type.settings, 0, 0), frame(Type.settings, Flag.ack, 0)]));
    await script(wire, index);
  };
}

/** The next request on the connection, by its stream. */
async function requested(wire: Wire): Promise<number> {
  return (await nextFrame(wire, Type.headers)).stream;
}

const okHead = (stream: number, ended = false) =>
  frame(Type.headers, Flag.endHeaders | (ended ? Flag.endStream : 0), stream, block(':status', '200'));

/** A route to a backend of frames. */
async function startFrames(t: TestContext, script: (wire: Wire, index: number) => Promise<unknown>) {
  const backend = await startBackend(t, framed(script));
  return { ...backend, route: { ...backend.route, protocol: 'h2' as const } };
}

test('a backend behind TLS is spoken to in HTTP/2 when it agrees to, and not otherwise', async (t) => {
  const tls: BackendTls = { serverName: 'localhost', verify: 'strict', trusted: [ours.cert] };
  const backend = await startStreamBackend(
    t,
    (stream, raw) => {
      stream.respond({ ':status': 200 });
      stream.end(raw[raw.indexOf(':scheme') + 1]);
    },
    { tls: ours, route: tls },
  );
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).body.toString(), 'https');

  const older = await startBackend(t, () => {}, { options: { ...ours, ALPNProtocols: ['http/1.1'] }, route: tls });
  const silent = await startBackend(t, () => {}, { options: ours, route: tls });
  for (const [{ route }, kind] of [
    [older, 'tls'],
    [silent, 'protocol'],
  ] as const) {
    const other = await startGateway(t, { backend: { route: { ...route, protocol: 'h2' } } });
    const asking = await other.connect();
    asking.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await readAnswer(asking)).status, 502);
    assert.equal(other.faults[0]?.kind, kind);
  }
});

test('a backend that answers in HTTP/1.1 breaks the protocol', async (t) => {
  const backend = await startBackend(t, (wire) => wire.send(ok('hello')));
  const gateway = await startGateway(t, { backend: { route: { ...backend.route, protocol: 'h2' } } });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 502);
  assert.equal(gateway.faults[0]?.kind, 'protocol');
});

test('a request that the backend did nothing of is repeated, once, whatever its method', async (t) => {
  const refusals: Readonly<Record<string, (wire: Wire, stream: number) => void>> = {
    refused: (wire, stream) => wire.send(frame(Type.reset, 0, stream, number(ErrorCode.refusedStream))),
    goaway: (wire) => wire.send(frame(Type.goaway, 0, 0, Buffer.concat([number(0), number(0)]))),
  };
  for (const [what, refuse] of Object.entries(refusals)) {
    let asked = 0;
    const backend = await startFrames(t, async (wire) => {
      for (;;) {
        const stream = await requested(wire);
        if (asked++ === 0) refuse(wire, stream);
        else wire.send(okHead(stream, true));
      }
    });
    const gateway = await startGateway(t, { backend });
    const client = await gateway.connect();
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    assert.equal((await readAnswer(client)).status, 200, what);
    assert.equal(asked, 2);
  }
  const stubborn = await startFrames(t, async (wire) => {
    for (;;) refusals.refused?.(wire, await requested(wire));
  });
  const gateway = await startGateway(t, { backend: stubborn });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 502);
  assert.deepEqual([gateway.faults[0]?.kind, gateway.faults[0]?.replayable], ['reset', true]);
});

test('a request that may have been worked on is not repeated', async (t) => {
  let asked = 0;
  const backend = await startFrames(t, async (wire) => {
    for (;;) {
      const stream = await requested(wire);
      asked++;
      wire.send(frame(Type.reset, 0, stream, number(ErrorCode.internalError)));
    }
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (const method of ['POST', 'GET']) {
    client.send(`${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`);
    assert.equal((await readAnswer(client)).status, 502);
  }
  assert.equal(asked, 2);
  assert.deepEqual(
    gateway.faults.map(({ kind, replayable }) => [kind, replayable]),
    [
      ['reset', false],
      ['reset', true],
    ],
  );
});

const cuts: Readonly<Record<string, (wire: Wire, stream: number) => void>> = {
  'a reset without error': (wire, stream) => wire.send(frame(Type.reset, 0, stream, number(ErrorCode.noError))),
  'a reset that cancels': (wire, stream) => wire.send(frame(Type.reset, 0, stream, number(ErrorCode.cancel))),
  'a reset for an error': (wire, stream) => wire.send(frame(Type.reset, 0, stream, number(ErrorCode.internalError))),
  'the end of the connection': (wire) => wire.socket.end(),
  'a reset of the connection': (wire) => wire.reset(),
  'a word that all is over': (wire) => wire.send(frame(Type.goaway, 0, 0, Buffer.concat([number(0), number(2)]))),
  'a frame that may not be': (wire) => wire.send(frame(Type.data, 0, 0, 'x')),
  'trailers that may not be': (wire, stream) =>
    wire.send(frame(Type.headers, Flag.endHeaders | Flag.endStream, stream, block('content-length', '5'))),
};

for (const [what, cut] of Object.entries(cuts)) {
  test(`an answer that is cut by ${what} is not taken for a whole one`, async (t) => {
    const backend = await startFrames(t, async (wire) => {
      const stream = await requested(wire);
      wire.send(Buffer.concat([okHead(stream), frame(Type.data, 0, stream, 'hello')]));
      cut(wire, stream);
    });
    const gateway = await startGateway(t, { backend });
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(await client.stopped(), 'reset');
    assert.equal((await gateway.ended(0)).end, 'backend-closed');
    const secured = await startGateway(t, { tls: ours, backend });
    const answer = await ask(await connectStreams(t, secured), '/');
    assert.notEqual(answer.code, 0);
  });
}

test('an answer that is cut while the client does not read is not taken for a whole one', async (t) => {
  for (const code of [ErrorCode.noError, ErrorCode.cancel]) {
    const backend = await startFrames(t, async (wire) => {
      const first = await requested(wire);
      const pieces = Array.from({ length: 15 }, () => frame(Type.data, 0, first, Buffer.alloc(16_384)));
      wire.send(Buffer.concat([okHead(first), ...pieces, frame(Type.reset, 0, first, number(code))]));
      wire.send(okHead(await requested(wire), true));
    });
    const gateway = await startGateway(t, { tls: ours, backend });
    const session = await connectStreams(t, gateway);
    const stream = request(session, '/');
    stream.end();
    const closed = new Promise((resolve) => stream.once('close', resolve));
    await once(stream, 'response');
    // The answer to this one comes behind the reset.
    assert.equal((await ask(session, '/')).status, 200);
    stream.resume();
    await closed;
    assert.notEqual(stream.rstCode, 0);
    assert.equal(gateway.outcomes.filter(({ end }) => end === 'backend-closed').length, 1);
  }
});

test('a whole answer is whole although the client read none of it when it ended', async (t) => {
  const size = 15 * 16_384;
  const backend = await startFrames(t, async (wire) => {
    const first = await requested(wire);
    const pieces = Array.from({ length: 15 }, () => frame(Type.data, 0, first, Buffer.alloc(16_384)));
    wire.send(Buffer.concat([okHead(first), ...pieces, frame(Type.data, Flag.endStream, first)]));
    wire.send(okHead(await requested(wire), true));
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const session = await connectStreams(t, gateway);
  const stream = request(session, '/');
  stream.end();
  await once(stream, 'response');
  assert.equal((await ask(session, '/')).status, 200);
  const { code, body } = await answerOf(stream);
  assert.deepEqual([code, body.length], [0, size]);
});

test('malformed answers are refused, and other calls on the connection go on', async (t) => {
  const heads = [
    block(':status', '20'),
    block(':status', '200', ':status', '200'),
    block(':status', '200', 'X-A', '1'),
    block(':status', '200', 'connection', 'close'),
    block(':status', '200', 'transfer-encoding', 'chunked'),
    block(':status', '200', 'content-length', '1', 'content-length', '1'),
    block(':path', '/', ':status', '200'),
    block('x', 'y'),
    block(':status', '101'),
  ];
  const backend = await startFrames(t, async (wire) => {
    for (let index = 0; ; index++) {
      const stream = await requested(wire);
      const head = heads[index] ?? block(':status', '200');
      wire.send(frame(Type.headers, Flag.endHeaders | Flag.endStream, stream, head));
    }
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (const index of heads.keys()) {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal((await readAnswer(client)).status, 502, String(index));
    assert.equal(gateway.faults[index]?.kind, 'protocol');
  }
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 200);
  assert.equal(backend.wires.length, 1);
});

test('a body that disagrees with its length does not pass for a whole one', async (t) => {
  for (const body of ['hell', 'helloo']) {
    const backend = await startFrames(t, async (wire) => {
      const stream = await requested(wire);
      const head = block(':status', '200', 'content-length', '5');
      wire.send(frame(Type.headers, Flag.endHeaders, stream, head));
      wire.send(frame(Type.data, Flag.endStream, stream, body));
    });
    const gateway = await startGateway(t, { backend });
    const client = await gateway.connect();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(await client.stopped(), 'reset');
  }
});

test('answers without a body, and those before the answer, pass', async (t) => {
  const backend = await startStreamBackend(t, (stream, raw) => {
    const path = raw[raw.indexOf(':path') + 1];
    if (path === '/hints') stream.additionalHeaders({ ':status': 103, link: '</a>' });
    if (path === '/204') stream.respond({ ':status': 204 }, { endStream: true });
    else if (path === '/304') stream.respond({ ':status': 304, 'content-length': '5' }, { endStream: true });
    else if (path === '/empty') stream.respond({ ':status': 200 }, { endStream: true });
    else if (path === '/head') stream.respond({ ':status': 200, 'content-length': '5' }, { endStream: true });
    else {
      stream.respond({ ':status': 200, 'content-length': '5' });
      stream.end('hello');
    }
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  const said: string[] = [];
  for (const [method, path] of [
    ['GET', '/204'],
    ['GET', '/304'],
    ['GET', '/empty'],
    ['HEAD', '/head'],
    ['GET', '/length'],
  ] as const) {
    client.send(`${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const answer = await readAnswer(client, method);
    said.push(`${answer.status} ${value(answer, 'content-length')} ${answer.framing} ${answer.body}`);
  }
  assert.deepEqual(said, ['204 undefined none ', '304 5 none ', '200 0 length ', '200 5 none ', '200 5 length hello']);
  client.send('GET /hints HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 103);
  assert.equal((await readAnswer(client)).body.toString(), 'hello');
});

test('endless 1xx answers are a fault of the backend', async (t) => {
  const backend = await startFrames(t, async (wire) => {
    const stream = await requested(wire);
    for (let index = 0; index < 200; index++) {
      wire.send(frame(Type.headers, Flag.endHeaders, stream, block(':status', '103')));
    }
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  let answer = await readAnswer(client);
  while (answer.status < 200) answer = await readAnswer(client);
  assert.equal(answer.status, 502);
  assert.equal(gateway.faults[0]?.kind, 'protocol');
});

test('a backend that is silent is given up at its deadline, without harm to other calls', async (t) => {
  const backend = await startStreamBackend(t, (stream, raw) => {
    const path = raw[raw.indexOf(':path') + 1];
    if (path === '/silent') return;
    stream.respond({ ':status': 200 });
    if (path === '/half') stream.write('half');
    else stream.end('hello');
  });
  const timeouts = { socket: 200 };
  const gateway = await startGateway(t, { tls: ours, backend, timeouts, request: () => ({ timeout: 100 }) });
  const client = await connectStreams(t, gateway);
  const [silent, half, whole] = await Promise.all(['/silent', '/half', '/'].map((path) => ask(client, path)));
  assert.equal(silent?.status, 504);
  assert.equal(gateway.faults[0]?.kind, 'timeout');
  assert.equal(half?.status, 200);
  assert.notEqual(half?.code, 0);
  assert.deepEqual([whole?.body.toString(), whole?.code], ['hello', 0]);
  assert.equal((await ask(client, '/')).status, 200);
  assert.equal(backend.sessions.length, 1);
});

test('deadlines of the route hold over HTTP/2, and the earlier one is named though the process looks after both', async (t) => {
  let arrived: () => void = () => {};
  const backend = await startStreamBackend(t, () => arrived());
  for (const [firstByte, timeout, kind, name] of [
    [60, 5000, 'socket-timeout', 'first-byte'],
    [60, 100, 'socket-timeout', 'first-byte'],
    [100, 60, 'timeout', 'endpoint'],
  ] as const) {
    const route = { ...backend.route, timeouts: { firstByte } };
    const gateway = await startGateway(t, { tls: ours, backend: { route }, request: () => ({ timeout }) });
    const client = await connectStreams(t, gateway);
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const answer = ask(client, '/');
    await arrival;
    const until = performance.now() + 150;
    while (performance.now() < until);
    assert.equal((await answer).status, 504);
    assert.deepEqual([gateway.faults[0]?.kind, gateway.faults[0]?.deadline?.name], [kind, name]);
  }
});

test('a client over HTTP/2 has the silence that its call is granted', async (t) => {
  for (const bodyIdle of [60, 120]) {
    const gateway = await startGateway(t, {
      tls: ours,
      timeouts: { clientBodyIdle: bodyIdle === 60 ? 5000 : 20 },
      call: (call) => call.limitSilence({ bodyIdle, writeIdle: 0 }),
    });
    const client = await connectStreams(t, gateway);
    const stream = request(client, '/', { method: 'POST' });
    const began = performance.now();
    stream.write('hel');
    assert.equal((await answerOf(stream)).status, 408);
    assert.ok(performance.now() - began >= bodyIdle - 10);
  }
});

test('calls share connections up to what the backend takes, and wait beyond what the pool may open', async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const waiting: (() => void)[] = [];
  const backend = await startStreamBackend(
    t,
    (stream) => {
      streams.push(stream);
      for (const wake of waiting.splice(0)) wake();
    },
    { settings: { maxConcurrentStreams: 2 } },
  );
  const arrived = async (count: number) => {
    while (streams.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const pool = { maxPerRoute: 2, maxPending: 2 };
  const gateway = await startGateway(t, { tls: ours, backend, pool, timeouts: { poolWait: 300 } });
  const client = await connectStreams(t, gateway);
  // The first tells how many the backend takes.
  const first = ask(client, '/0');
  await arrived(1);
  const more = [1, 2, 3].map((index) => ask(client, `/${index}`));
  await arrived(4);
  assert.equal(backend.sessions.length, 2);
  const waits = [4, 5].map((index) => ask(client, `/${index}`));
  await gateway.called(5);
  const refused = await ask(client, '/6');
  assert.deepEqual([refused.status, gateway.faults[0]?.kind], [502, 'queue-full']);
  const answer = (stream: ServerHttp2Stream | undefined) => {
    stream?.respond({ ':status': 200 });
    stream?.end();
  };
  answer(streams[0]);
  await arrived(5);
  for (const stream of streams) if (!stream.headersSent) answer(stream);
  await arrived(6);
  answer(streams[5]);
  const answers = await Promise.all([first, ...more, ...waits]);
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(backend.sessions.length, 2);
});

test('a backend that is told to is asked on another connection, and ends the calls that it has', async (t) => {
  const streams: ServerHttp2Stream[] = [];
  const backend = await startStreamBackend(t, (stream, _raw, index) => {
    streams.push(stream);
    stream.respond({ ':status': 200 });
    if (index === 0) stream.session?.close();
    else stream.end('second');
    stream.write('first');
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const stream = request(client, '/');
  stream.end();
  const answer = answerOf(stream);
  await once(stream, 'data');
  assert.equal((await ask(client, '/')).status, 200);
  assert.equal(backend.sessions.length, 2);
  streams[0]?.end(' and last');
  const { body, code } = await answer;
  assert.deepEqual([body.toString(), code], ['first and last', 0]);
});

test('a connection that nobody uses is closed', async (t) => {
  const backend = await startStreamBackend(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.end();
  });
  const gateway = await startGateway(t, { backend, pool: { idleTime: 60 } });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await readAnswer(client);
  await once(backend.sessions[0] as Http2Session, 'close');
});

test('a backend that does not close its side when it should is not waited for', async (t) => {
  const backend = await startFrames(t, async (wire) => {
    wire.send(okHead(await requested(wire), true));
    await nextFrame(wire, Type.goaway);
  });
  const gateway = await startGateway(t, { backend, pool: { idleTime: 50 }, timeouts: { discard: 50 } });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 200);
  const wire = await backend.wire(0);
  assert.equal(await wire.stopped(), 'end');
  while (!wire.socket.destroyed) {
    wire.send(frame(Type.ping, 0, 0, Buffer.alloc(8)));
    await delay(10);
  }
});

test('a client that does not read keeps the backend from sending', async (t) => {
  const total = 32 * 1024 * 1024;
  let sent = 0;
  const backend = await startStreamBackend(t, (stream) => {
    stream.respond({ ':status': 200 });
    const go = () => {
      while (sent < total) {
        const piece = pattern(sent, Math.min(65_536, total - sent));
        sent += piece.length;
        if (stream.write(piece)) continue;
        stream.once('drain', go);
        return;
      }
      stream.end();
    };
    go();
  });
  for (const tls of [ours, null]) {
    sent = 0;
    const gateway = await startGateway(t, { backend, ...(tls ? { tls } : {}) });
    let read = 0;
    const take = (bytes: Buffer) => {
      checkPattern(bytes, read);
      read += bytes.length;
    };
    if (tls) {
      const stream = request(await connectStreams(t, gateway), '/');
      stream.end();
      await once(stream, 'response');
      await standsStill(() => sent);
      assert.ok(sent < total / 4, `${sent} bytes were sent to nobody`);
      stream.on('data', take);
      await once(stream, 'close');
    } else {
      const client = await gateway.connect();
      client.socket.pause();
      client.send('GET / HTTP/1.0\r\nHost: a\r\n\r\n');
      await gateway.called(0);
      await standsStill(() => sent);
      assert.ok(sent < total / 2, `${sent} bytes were sent to nobody`);
      client.socket.resume();
      await client.through('\r\n\r\n');
      await client.sift(total, (piece, offset) => checkPattern(piece, offset));
      read = total;
    }
    assert.equal(read, total);
  }
});

test('a backend that does not read keeps the client from sending', async (t) => {
  const total = 16 * 1024 * 1024;
  let read = 0;
  const got = Promise.withResolvers<ServerHttp2Stream>();
  const backend = await startStreamBackend(t, (stream) => got.resolve(stream));
  const gateway = await startGateway(t, { tls: ours, backend });
  const stream = request(await connectStreams(t, gateway), '/', { method: 'POST' });
  const answer = answerOf(stream);
  let sent = 0;
  const pouring = (async () => {
    for (; sent < total; sent += 65_536) if (!stream.write(pattern(sent, 65_536))) await once(stream, 'drain');
    stream.end();
  })();
  const asked = await got.promise;
  await standsStill(() => sent);
  assert.ok(sent < total / 4, `${sent} bytes were taken by nobody`);
  asked.on('data', (bytes: Buffer) => {
    checkPattern(bytes, read);
    read += bytes.length;
  });
  asked.on('end', () => asked.respond({ ':status': 200 }, { endStream: true }));
  await pouring;
  assert.equal((await answer).status, 200);
  assert.equal(read, total);
});

test('a connection on which nothing comes any more is not asked again', async (t) => {
  const backend = await startFrames(t, async (wire, index) => {
    for (;;) {
      const stream = await requested(wire);
      if (index > 0) wire.send(okHead(stream, true));
    }
  });
  const gateway = await startGateway(t, { backend, request: () => ({ timeout: 100 }) });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 504);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await readAnswer(client)).status, 200);
  assert.equal(backend.wires.length, 2);
});

test('a request that meets the end of a kept connection is repeated when that is safe', async (t) => {
  let asked = 0;
  const backend = await startFrames(t, async (wire, index) => {
    for (;;) {
      const stream = await requested(wire);
      asked++;
      if (index % 2 === 0 && stream > 1) {
        wire.socket.end();
        return;
      }
      wire.send(okHead(stream, true));
    }
  });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (const [method, status] of [
    ['GET', 200],
    ['GET', 200],
    ['GET', 200],
  ] as const) {
    client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    assert.equal((await readAnswer(client)).status, status);
  }
  assert.equal(asked, 4);
  const other = await startGateway(t, { backend });
  const posting = await other.connect();
  for (const status of [200, 502]) {
    posting.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
    assert.equal((await readAnswer(posting)).status, status);
  }
  assert.equal(other.faults[0]?.kind, 'stale');
});

/** Waits until a count has not moved for some turns in which it could. */
async function standsStill(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count();
    await delay(100);
  }
}
