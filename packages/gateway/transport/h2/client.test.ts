import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { readHead, readRequest } from '../testing/message.ts';
import { checkPattern, pattern, pour } from '../testing/pattern.ts';
import { answerOf, ask, connectStreams, field, request, setTrailers } from '../testing/streams.ts';

const ours = await certificate(['localhost']);

test('a call on a stream reaches a backend of HTTP/1.1 as one of its own', async (t) => {
  const backend = await startBackend(
    t,
    answering(() => ok('well', 'X-A: 1\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nX-A: 2\r\n')),
  );
  const seen: string[] = [];
  const gateway = await startGateway(t, {
    tls: ours,
    backend,
    call: (call, self) => {
      seen.push(`${call.head.majorVersion} ${call.secure} ${call.contentLength}`);
      self.send(call);
    },
  });
  const client = await connectStreams(t, gateway);
  const fields = ['x-a', '1', 'cookie', 'a=1', 'x-a', '2', 'cookie', 'b=2', 'te', 'trailers'];
  const answer = await ask(client, '/x?y=z', { method: 'POST', fields, body: 'hello' });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.toString(), 'well');
  assert.equal(answer.code, 0);
  assert.deepEqual(
    answer.raw.filter((_, index) => index % 2 === 0),
    [':status', 'x-a', 'x-a', 'content-length', 'date'],
  );
  const bare = await ask(client, '/bare');
  assert.equal(bare.status, 200);
  assert.deepEqual(seen, ['2 true -1', '2 true -1']);
  assert.equal(backend.wires.length, 1);
  const [outcome] = gateway.outcomes;
  assert.deepEqual([outcome?.status, outcome?.bytesIn, outcome?.bytesOut, outcome?.end], [200, 5, 4, 'complete']);
});

test('what the backend of HTTP/1.1 gets is what was sent, line by line', async (t) => {
  const heads: string[] = [];
  const backend = await startBackend(
    t,
    answering(({ head, body, trailers }) => {
      heads.push(head, body.toString(), JSON.stringify(trailers));
      return ok('');
    }),
  );
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const stream = request(client, '/x', { method: 'PUT', fields: ['cookie', 'a=1', 'x-a', '1', 'cookie', 'b=2'] });
  setTrailers(stream, { 'x-sum': '7' });
  stream.end('hello');
  await answerOf(stream);
  await ask(client, '/y', { method: 'POST', fields: ['content-length', '5'], body: 'hello' });
  assert.deepEqual(heads, [
    'PUT /x HTTP/1.1\r\nHost: gw.example\r\nx-a: 1\r\ncookie: a=1; b=2\r\nTransfer-Encoding: chunked',
    'hello',
    '[["x-sum","7"]]',
    'POST /y HTTP/1.1\r\nHost: gw.example\r\ncontent-length: 5',
    'hello',
    '[]',
  ]);
});

test('answers of all framings end where they end', async (t) => {
  const answers: Readonly<Record<string, string>> = {
    '/length': ok('hello'),
    '/chunks':
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Sum: 7\r\nX-Sum: 8\r\n\r\n',
    '/close': 'HTTP/1.0 200 OK\r\n\r\nhello',
    '/empty': ok(''),
    '/204': 'HTTP/1.1 204 No Content\r\n\r\n',
    '/304': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    '/early': `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nLink: </b>\r\n\r\n${ok('hello')}`,
    '/twice': `HTTP/1.1 200 OK\r\nContent-Type: a\r\nContent-Type: b\r\nContent-Length: 0\r\n\r\n`,
  };
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      const { start } = await readRequest(wire);
      const [, path = ''] = start.split(' ');
      wire.send(start.startsWith('HEAD') ? ok('hello').slice(0, -5) : (answers[path] as string));
      if (path === '/close') wire.socket.end();
    }
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  for (const path of ['/length', '/chunks', '/close', '/early']) {
    const answer = await ask(client, path);
    assert.deepEqual([answer.status, answer.body.toString(), answer.code], [200, 'hello', 0], path);
    assert.deepEqual(answer.trailers, path === '/chunks' ? { 'x-sum': '7, 8' } : {});
    assert.deepEqual(answer.interims, path === '/early' ? [103] : []);
  }
  for (const [path, status, length] of [
    ['/empty', 200, '0'],
    ['/204', 204, undefined],
    ['/304', 304, '5'],
    ['/twice', 200, '0'],
  ] as const) {
    const answer = await ask(client, path);
    assert.deepEqual([answer.status, answer.body.length, answer.code], [status, 0, 0], path);
    assert.equal(field(answer, 'content-length'), length);
  }
  const head = await ask(client, '/length', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body.length, field(head, 'content-length')], [200, 0, '5']);
});

test('a hundred calls at once get each their own answer', async (t) => {
  const backend = await startBackend(
    t,
    answering(({ start, body }) => ok(`${start} ${body.length}`)),
  );
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      ask(client, `/${index}`, { method: 'POST', body: Buffer.alloc(index * 100) }),
    ),
  );
  for (const [index, { body }] of answers.entries())
    assert.equal(body.toString(), `POST /${index} HTTP/1.1 ${index * 100}`);
  assert.equal(gateway.listener.connections, 1);
});

test('long bodies pass whole in both directions at once', async (t) => {
  const size = 8 * 1024 * 1024;
  const backend = await startBackend(t, async (wire) => {
    await readHead(wire);
    wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    await Promise.all([wire.sift(size, checkPattern), pour(wire, size)]);
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const stream = request(client, '/', { method: 'POST', fields: ['content-length', String(size)] });
  let read = 0;
  stream.on('data', (bytes: Buffer) => {
    checkPattern(bytes, read);
    read += bytes.length;
  });
  for (let offset = 0; offset < size; ) {
    const piece = pattern(offset, Math.min(65_536, size - offset));
    offset += piece.length;
    if (!stream.write(piece)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  assert.equal(read, size);
  const outcome = await gateway.ended(0);
  assert.deepEqual([outcome.bytesIn, outcome.bytesOut, outcome.end], [size, size, 'complete']);
});

test('an answer that cannot be said in HTTP/2 breaks its stream, and what only HTTP/1.1 knows is left out', async (t) => {
  const answers = [
    'HTTP/1.1 600 Beyond\r\nContent-Length: 2\r\n\r\nhi',
    'HTTP/1.1 999 Beyond\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
    ok('hi', 'HTTP2-Settings: x\r\nKeep-Alive: y\r\nTE: gzip\r\nProxy-Connection: z\r\nUpgrade: h2c\r\n'),
    ok('hi', `X: ${'y'.repeat(20_000)}\r\nETag: a\r\nETag: b\r\n`),
    `HTTP/1.1 199 Odd\r\nA: b\r\n\r\n${ok('hi')}`,
  ];
  let asked = 0;
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      await readRequest(wire);
      wire.send(answers[asked++] as string);
    }
  });
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await connectStreams(t, gateway);
  const found: string[] = [];
  for (const _ of answers) {
    const { status, code, body } = await ask(client, '/');
    found.push(`${status} ${code} ${body}`);
  }
  assert.deepEqual(found, ['0 2 ', '0 2 ', '200 0 hi', '200 0 hi', '200 0 hi']);
  assert.deepEqual(
    gateway.outcomes.map(({ end }) => end),
    ['aborted', 'aborted', 'complete', 'complete', 'complete'],
  );
});
