import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { startGateway } from '../testing/gateway.ts';
import { readAnswer, value } from '../testing/message.ts';
import { PeerGone, type Wire } from '../testing/wire.ts';

const head = (lines: string, status = '200 OK') => `HTTP/1.1 ${status}\r\n${lines}\r\n`;
const chunks = '5\r\nhello\r\n0\r\n\r\n';

/** Heads that no client may see: each must become a `protocol` fault. */
const refused: readonly (readonly [what: string, section: string, bytes: string])[] = [
  ['both length headers', '6.3', `${head('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n')}${chunks}`],
  [
    'both length headers, coding first',
    '6.3',
    `${head('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n')}${chunks}`,
  ],
  ['two lengths that differ', '6.3', `${head('Content-Length: 5\r\nContent-Length: 6\r\n')}hello`],
  ['two lengths that agree', '6.3', `${head('Content-Length: 5\r\nContent-Length: 5\r\n')}hello`],
  ['a list of lengths', '6.3', `${head('Content-Length: 5, 5\r\n')}hello`],
  ['a signed length', '6.2', `${head('Content-Length: +5\r\n')}hello`],
  ['a negative length', '6.2', `${head('Content-Length: -1\r\n')}hello`],
  ['an empty length', '6.2', `${head('Content-Length:\r\n')}hello`],
  ['a hexadecimal length', '6.2', `${head('Content-Length: 0x5\r\n')}hello`],
  ['a length of 16 digits', '6.2', `${head('Content-Length: 0000000000000005\r\n')}hello`],
  ['gzip and chunked', '6.1', `${head('Transfer-Encoding: gzip, chunked\r\n')}${chunks}`],
  ['gzip', '6.1', `${head('Transfer-Encoding: gzip\r\n')}hello`],
  ['identity', '6.1', `${head('Transfer-Encoding: identity\r\n')}hello`],
  ['chunked twice', '6.1', `${head('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')}${chunks}`],
  ['chunks from HTTP/1.0', '6.1', `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`],
  ['a bare LF after the status line', '2.2', 'HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello'],
  ['a bare LF after a header', '2.2', `${head('A: b\nContent-Length: 5\r\n')}hello`],
  ['a bare CR in a value', '2.2', `${head('A: b\rC: d\r\nContent-Length: 5\r\n')}hello`],
  ['a folded header', '5.2', `${head('A: b\r\n c\r\nContent-Length: 5\r\n')}hello`],
  ['a blank before a colon', '5.1', `${head('Content-Length : 5\r\n')}hello`],
  ['a line without a colon', '5', `${head('garbage\r\nContent-Length: 5\r\n')}hello`],
  ['a line without a name', '5', `${head(': b\r\nContent-Length: 5\r\n')}hello`],
  ['a NUL in a value', '5', `${head('A: \0\r\nContent-Length: 5\r\n')}hello`],
  ['a control byte in a name', '5', `${head('A\x01: b\r\nContent-Length: 5\r\n')}hello`],
  ['a control byte in the reason', '4', head('Content-Length: 0\r\n', '200 O\x01K')],
  ['a status of two digits', '4', head('Content-Length: 0\r\n', '20 OK')],
  ['a status of four digits', '4', head('Content-Length: 0\r\n', '2000 OK')],
  ['a status that is no number', '4', head('Content-Length: 0\r\n', '2x0 OK')],
  ['a status below 100', '4', head('Content-Length: 0\r\n', '099 OK')],
  ['two blanks before the status', '4', 'HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['HTTP/2.0', '2.3', 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a version in lower case', '2.3', 'http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['another protocol', '4', 'SSH-2.0-OpenSSH_9.2p1\r\n\r\n'],
  ['an empty line first', '4', '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  [
    'a switch that nobody asked for',
    '15.2.2 of 9110',
    head('Upgrade: x\r\nConnection: upgrade\r\n', '101 Switching Protocols'),
  ],
  ['a head that is too large', '5', head(`A: ${'x'.repeat(40_000)}\r\nContent-Length: 0\r\n`)],
  ['a head that never ends', '5', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(40_000)}`],
  ['too many headers', '5', head(`${'A: b\r\n'.repeat(250)}Content-Length: 0\r\n`)],
];

/** Bodies that break off or break rules after a good head: the client must never take them for whole. */
const broken: readonly (readonly [what: string, bytes: string])[] = [
  ['a length that is not reached', `${head('Content-Length: 10\r\n')}hello`],
  ['chunks without the last', `${head('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n`],
  ['a chunk that is not reached', `${head('Transfer-Encoding: chunked\r\n')}6\r\nhello`],
  ['a chunk size that is cut', `${head('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n1`],
  ['trailers without an end', `${head('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n0\r\nA: b\r\n`],
  ['a chunk size with a prefix', `${head('Transfer-Encoding: chunked\r\n')}0x5\r\nhello\r\n0\r\n\r\n`],
  ['a signed chunk size', `${head('Transfer-Encoding: chunked\r\n')}+5\r\nhello\r\n0\r\n\r\n`],
  ['a chunk size with a bare LF', `${head('Transfer-Encoding: chunked\r\n')}5\nhello\r\n0\r\n\r\n`],
  ['a chunk that is longer than its size', `${head('Transfer-Encoding: chunked\r\n')}4\r\nhello\r\n0\r\n\r\n`],
  ['a second chunk that is malformed', `${head('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\nx\r\n0\r\n\r\n`],
  ['a forbidden trailer', `${head('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n`],
  ['a trailer with a NUL', `${head('Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n0\r\nA: \0\r\n\r\n`],
];

async function start(t: TestContext) {
  let script = (_wire: Wire): unknown => undefined;
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      await wire.through('\r\n\r\n');
      await script(wire);
    }
  });
  const gateway = await startGateway(t, { backend });
  return {
    backend,
    gateway,
    does(next: typeof script) {
      script = next;
    },
  };
}

test('an answer head that can be read in two ways is a protocol fault', async (t) => {
  const { backend, gateway, does } = await start(t);
  for (const [what, section, bytes] of refused) {
    await t.test(`RFC 9112 ${section}: ${what}`, async () => {
      does((wire) => wire.send(bytes));
      const faults = gateway.faults.length;
      const client = await gateway.connect();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      const answer = await readAnswer(client);
      assert.equal(answer.status, 502);
      assert.equal(gateway.faults.length, faults + 1);
      const fault = gateway.faults.at(-1);
      assert.equal(fault?.kind, 'protocol');
      assert.ok(fault.message.length > 10, fault.message);
      // Nothing that comes after it may become the answer to another request.
      await backend.wires.at(-1)?.stopped();
      client.socket.destroy();
    });
  }
});

test('an answer that breaks in its body never looks whole', async (t) => {
  const { backend, gateway, does } = await start(t);
  for (const [what, bytes] of broken) {
    for (const version of ['1.1', '1.0']) {
      for (const split of [false, true]) {
        await t.test(`${what}, to HTTP/${version}${split ? ', after the head' : ''}`, async () => {
          const client = await gateway.connect();
          does(async (wire) => {
            const body = bytes.indexOf('\r\n\r\n') + 4;
            if (split) {
              wire.send(bytes.slice(0, body));
              await client.through('\r\n\r\n');
              wire.send(bytes.slice(body));
            } else wire.send(bytes);
            wire.socket.end();
          });
          const index = gateway.calls.length;
          client.send(`GET / HTTP/${version}\r\nHost: a\r\n\r\n`);
          if (!split) await whole(client);
          const how = await client.stopped();
          const rest = await client.rest();
          // Chunks and lengths show the cut; a body that ends with the connection has only the RST to show it.
          if (version === '1.0' && gateway.faults.length === 0) assert.equal(how, 'reset');
          assert.ok(!rest.endsWith('0\r\n\r\n'), JSON.stringify(rest));
          const outcome = await gateway.ended(index);
          assert.ok(outcome.status === 502 || outcome.end === 'backend-closed', JSON.stringify(outcome));
          await backend.wires.at(-1)?.stopped();
          client.socket.destroy();
        });
      }
    }
  }
});

/** Fails if a complete 200 comes. */
async function whole(client: Wire): Promise<void> {
  try {
    const answer = await readAnswer(client);
    assert.equal(answer.status, 502);
    client.socket.destroy();
  } catch (error) {
    const cut = error instanceof PeerGone || /must end with a FIN/.test(String(error));
    if (!cut) throw error;
  }
}

test('each framing of an answer reaches each kind of client whole', async (t) => {
  const { backend, gateway, does } = await start(t);
  const framings = [
    ['a length', `${head('Content-Length: 5\r\n')}hello`, 'length', 'length', true],
    [
      'chunks',
      `${head('Transfer-Encoding: chunked\r\n')}2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n`,
      'chunked',
      'close',
      true,
    ],
    ['the end of the connection', `${head('')}hello`, 'chunked', 'close', false],
    ['the end of an HTTP/1.0 connection', 'HTTP/1.0 200 OK\r\n\r\nhello', 'chunked', 'close', false],
    ['an empty body', head('Content-Length: 0\r\n'), 'length', 'length', true],
    ['no chunk but the last', `${head('Transfer-Encoding: chunked\r\n')}0\r\n\r\n`, 'chunked', 'close', true],
    ['an empty body up to the end of the connection', head(''), 'chunked', 'close', false],
  ] as const;
  for (const [what, bytes, toNew, toOld, stays] of framings) {
    await t.test(what, async () => {
      const connections = backend.wires.length;
      does((wire) => {
        wire.send(bytes);
        if (!stays) wire.socket.end();
      });
      const client = await gateway.connect();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      const answer = await readAnswer(client);
      assert.equal(answer.framing, toNew);
      const data = bytes.includes('llo') ? 'hello' : '';
      assert.equal(answer.body.toString(), data);
      assert.equal(answer.trailers.length, bytes.includes('X-Sum') ? 1 : 0);
      assert.equal((await gateway.ended(gateway.calls.length - 1)).bytesOut, data.length);

      const old = await gateway.connect();
      old.send('GET / HTTP/1.0\r\n\r\n');
      const oldAnswer = await readAnswer(old);
      assert.equal(oldAnswer.framing, toOld);
      assert.equal(oldAnswer.body.toString(), data);
      assert.equal(await old.stopped(), 'end');

      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal((await readAnswer(client)).status, 200, 'the client connection goes on');
      const opened = backend.wires.length - connections;
      assert.ok(stays ? opened <= 1 : opened >= 2, `${opened} connections were opened`);
      client.socket.destroy();
    });
  }
});

test('an answer without a body by definition does not wait for one', async (t) => {
  const { backend, gateway, does } = await start(t);
  const rows = [
    ['HEAD with a length', 'HEAD', head('Content-Length: 1000\r\n'), '1000'],
    ['HEAD with chunks', 'HEAD', head('Transfer-Encoding: chunked\r\n'), undefined],
    ['HEAD without framing', 'HEAD', head(''), undefined],
    ['204', 'GET', head('', '204 No Content'), undefined],
    [
      '304 with the length of what was not sent',
      'GET',
      head('Content-Length: 1000\r\nETag: "a"\r\n', '304 Not Modified'),
      '1000',
    ],
    ['304 without framing', 'GET', head('ETag: "a"\r\n', '304 Not Modified'), undefined],
    ['204 that lies about a length', 'GET', head('Content-Length: 5\r\n', '204 No Content'), undefined],
  ] as const;
  const client = await gateway.connect();
  for (const [what, method, bytes, length] of rows) {
    await t.test(what, async () => {
      does((wire) => wire.send(bytes));
      client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
      const answer = await readAnswer(client, method);
      assert.equal(answer.start, bytes.split('\r\n')[0]);
      assert.equal(value(answer, 'content-length'), length);
      does((wire) => wire.send(ok('next')));
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal((await readAnswer(client)).body.toString(), 'next');
    });
  }
  assert.equal(backend.wires.length, 1, 'the backend connection goes on');
});

test('bytes after an answer never answer the next request', async (t) => {
  const { backend, gateway, does } = await start(t);
  const poison = ok('poison');
  const rows = [
    ['after a length', `${ok('good')}${poison}`, 'GET'],
    ['after chunks', `${head('Transfer-Encoding: chunked\r\n')}4\r\ngood\r\n0\r\n\r\n${poison}`, 'GET'],
    ['after HEAD', `${head('Content-Length: 4\r\n')}good`, 'HEAD'],
    ['after 204', `${head('', '204 No Content')}${poison}`, 'GET'],
    ['after 304', `${head('', '304 Not Modified')}${poison}`, 'GET'],
  ] as const;
  for (const [what, bytes, method] of rows) {
    for (const later of [false, true]) {
      await t.test(`${what}, ${later ? 'in a write of their own' : 'in the same write'}`, async () => {
        const client = await gateway.connect();
        const end = bytes.length - (method === 'HEAD' ? 4 : poison.length);
        does((wire) => wire.send(later ? bytes.slice(0, end) : bytes));
        client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
        await readAnswer(client, method);
        if (later) {
          const wire = backend.wires.at(-1) as Wire;
          wire.send(bytes.slice(end));
          await wire.stopped();
        }
        does((wire) => wire.send(ok('next')));
        client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.equal((await readAnswer(client)).body.toString(), 'next');
        client.socket.destroy();
      });
    }
  }
});

test('interim answers pass, however many, and never to HTTP/1.0', async (t) => {
  const backend = await startBackend(
    t,
    answering(
      () =>
        `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(50)}HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('done')}`,
    ),
  );
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  for (let count = 0; count < 50; count++) assert.equal((await readAnswer(client)).status, 102);
  const hints = await readAnswer(client);
  assert.deepEqual([hints.status, value(hints, 'link')], [103, '</a>']);
  assert.equal((await readAnswer(client)).body.toString(), 'done');
  const old = await gateway.connect();
  old.send('GET / HTTP/1.0\r\n\r\n');
  assert.equal((await readAnswer(old)).status, 200);
});
