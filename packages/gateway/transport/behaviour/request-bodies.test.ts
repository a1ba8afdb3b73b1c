import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Message, readAnswer, readRequest } from '../testing/message.ts';

const head = 'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

/** A body, the data it stands for, and its trailers. */
const taken: readonly (readonly [what: string, bytes: string, data: string, trailers?: readonly string[]])[] = [
  ['no chunk but the last', '0\r\n\r\n', ''],
  ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['sizes in either case', 'A\r\n0123456789\r\na\r\nabcdefghij\r\n0\r\n\r\n', '0123456789abcdefghij'],
  ['sizes with leading zeros', '0005\r\nhello\r\n0000\r\n\r\n', 'hello'],
  ['data that looks like framing', '7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', '0\r\n\r\n\r\n'],
  ['extensions', '5;a=b;c="d e";f\r\nhello\r\n0;g\r\n\r\n', 'hello'],
  ['a trailer', '5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n', 'hello', ['X-Sum: 1']],
  [
    'trailers',
    '5\r\nhello\r\n0\r\nX-Sum: 1\r\nx-sum:\r\nGrpc-Status: 0\r\n\r\n',
    'hello',
    ['X-Sum: 1', 'x-sum: ', 'Grpc-Status: 0'],
  ],
];

/** A body that must not be taken for a whole one. */
const refused: readonly (readonly [what: string, section: string, bytes: string])[] = [
  ['a size that is not hexadecimal', '7.1', 'g\r\nhello\r\n0\r\n\r\n'],
  ['an empty size', '7.1', '\r\nhello\r\n0\r\n\r\n'],
  ['a size with a prefix', '7.1', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a signed size', '7.1', '+5\r\nhello\r\n0\r\n\r\n'],
  ['a negative size', '7.1', '-5\r\nhello\r\n0\r\n\r\n'],
  ['a blank before the size', '7.1', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['a blank after the size', '7.1', '5 \r\nhello\r\n0\r\n\r\n'],
  ['a tab after the size', '7.1', '5\t\r\nhello\r\n0\r\n\r\n'],
  ['a size of 16 digits', '7.1', '0000000000000005\r\nhello\r\n0\r\n\r\n'],
  ['a size beyond what counts exactly', '7.1', 'fffffffffffffffff\r\nhello\r\n0\r\n\r\n'],
  ['a size that wraps 32 bits', '7.1', '100000000000000005\r\nhello\r\n0\r\n\r\n'],
  ['a size that ends with a bare LF', '7.1', '5\nhello\r\n0\r\n\r\n'],
  ['a size that ends with a bare CR', '7.1', '5\rhello\r\n0\r\n\r\n'],
  ['a size with CR CR LF', '7.1', '5\r\r\nhello\r\n0\r\n\r\n'],
  ['an extension with a bare LF', '7.1.1', '5;a\nhello\r\n0\r\n\r\n'],
  ['an extension with a bare CR', '7.1.1', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
  ['an extension with a NUL', '7.1.1', '5;a\0\r\nhello\r\n0\r\n\r\n'],
  ['an extension that is too long', '7.1.1', `5;${'a'.repeat(200)}\r\nhello\r\n0\r\n\r\n`],
  ['data longer than its size', '7.1', '4\r\nhello\r\n0\r\n\r\n'],
  ['data shorter than its size', '7.1', '6\r\nhello\r\n0\r\n\r\n'],
  ['data that ends with a bare LF', '7.1', '5\r\nhello\n0\r\n\r\n'],
  ['data that ends with a bare CR', '7.1', '5\r\nhello\r0\r\n\r\n'],
  ['no line end after the data', '7.1', '5\r\nhello0\r\n\r\n'],
  ['a last chunk that ends with a bare LF', '7.1', '5\r\nhello\r\n0\n\r\n'],
  ['a last empty line that is a bare LF', '7.1', '5\r\nhello\r\n0\r\n\n'],
  ['a trailer that ends with a bare LF', '7.1.2', '5\r\nhello\r\n0\r\nA: b\n\r\n'],
  ['a folded trailer', '7.1.2', '5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n'],
  ['a trailer with a blank before its colon', '7.1.2', '5\r\nhello\r\n0\r\nA : b\r\n\r\n'],
  ['a trailer without a colon', '7.1.2', '5\r\nhello\r\n0\r\nGET /smuggled HTTP/1.1\r\n\r\n'],
  ['a trailer with a NUL', '7.1.2', '5\r\nhello\r\n0\r\nA: \0\r\n\r\n'],
  ['a trailer that is too long', '7.1.2', `5\r\nhello\r\n0\r\nA: ${'a'.repeat(200)}\r\n\r\n`],
  ['trailers that are too long together', '7.1.2', `5\r\nhello\r\n0\r\n${'A: aaaaaaa\r\n'.repeat(20)}\r\n`],
  ['a Content-Length trailer', '6.5.1 of 9110', '5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n'],
  ['a Transfer-Encoding trailer', '6.5.1 of 9110', '5\r\nhello\r\n0\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['a Host trailer', '6.5.1 of 9110', '5\r\nhello\r\n0\r\nHost: b\r\n\r\n'],
  ['a Connection trailer', '6.5.1 of 9110', '5\r\nhello\r\n0\r\nConnection: close\r\n\r\n'],
  ['an Authorization trailer', '6.5.1 of 9110', '5\r\nhello\r\n0\r\nAuthorization: a\r\n\r\n'],
  ['a Content-Type trailer', '6.5.1 of 9110', '5\r\nhello\r\n0\r\nContent-Type: a\r\n\r\n'],
];

/** A gateway and a backend that keeps every whole request and answers it. */
async function start(t: Parameters<typeof startBackend>[0], limits = {}) {
  const seen: Message[] = [];
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      seen.push(await readRequest(wire));
      wire.send(ok('done'));
    }
  });
  return { seen, backend, gateway: await startGateway(t, { backend, limits }) };
}

test('a chunked body arrives with the same data and trailers, in one piece or in many', async (t) => {
  const { seen, gateway } = await start(t);
  for (const [what, bytes, data, trailers = []] of taken) {
    for (const [how, pieces] of [
      ['at once', [head + bytes]],
      ['byte by byte', [head, ...bytes]],
    ] as const) {
      await t.test(`${what}, ${how}`, async () => {
        const client = await gateway.connect();
        await client.trickle(pieces);
        assert.equal((await readAnswer(client)).status, 200);
        const request = seen.at(-1) as Message;
        assert.equal(request.framing, 'chunked');
        assert.equal(request.body.toString('latin1'), data);
        assert.deepEqual(
          request.trailers.map(([name, content]) => `${name}: ${content}`),
          trailers,
        );
        assert.equal((await gateway.ended(gateway.calls.length - 1)).bytesIn, data.length);
        client.socket.destroy();
      });
    }
  }
});

test('a malformed chunked body is refused, and no backend takes it for a whole request', async (t) => {
  const { seen, backend, gateway } = await start(t, { chunkExtensionBytes: 150 });
  for (const [what, section, bytes] of refused) {
    for (const [how, pieces] of [
      ['at once', [head + bytes + smuggled]],
      ['byte by byte', [head, ...bytes, smuggled]],
    ] as const) {
      await t.test(`RFC 9112 ${section}: ${what}, ${how}`, async () => {
        const [calls, refusals, connections] = [gateway.calls.length, gateway.refusals.length, backend.wires.length];
        const client = await gateway.connect();
        await client.trickle(pieces);
        const answer = await readAnswer(client);
        assert.equal(answer.status, 400, `${answer.body}`);
        assert.equal(gateway.refusals.length, refusals + 1);
        assert.equal(await client.stopped(), 'end');
        client.socket.destroy();
        assert.equal(seen.length, 0, 'the backend took it for a whole request');
        assert.equal(gateway.calls.length, calls + 1);
        assert.equal((await gateway.ended(calls)).status, 400);
        // A connection that got part of it ends, so that nothing else can complete it.
        for (const wire of backend.wires.slice(connections)) if (wire.received > 0) await wire.stopped();
      });
    }
  }
});

test('a body beyond its bound is refused while it is on its way', async (t) => {
  const { seen, backend, gateway } = await start(t, { bodyBytes: 1000 });
  await t.test('chunked', async () => {
    const client = await gateway.connect();
    const chunk = `190\r\n${'a'.repeat(400)}\r\n`;
    await client.trickle([head, chunk, chunk]);
    const upload = await backend.wire(0);
    await client.trickle([chunk, '0\r\n\r\n']);
    const answer = await readAnswer(client);
    assert.equal(answer.status, 413);
    assert.ok(gateway.refusals[0]?.detail.includes('1000'));
    assert.equal(await client.stopped(), 'end');
    assert.ok(await upload.stopped());
    assert.equal((await gateway.ended(0)).status, 413);
  });
  await t.test('chunked, exactly at the bound', async () => {
    const client = await gateway.connect();
    client.send(`${head}3e8\r\n${'a'.repeat(1000)}\r\n0\r\n\r\n`);
    assert.equal((await readAnswer(client)).status, 200);
  });
  assert.equal(seen.length, 1);
});
