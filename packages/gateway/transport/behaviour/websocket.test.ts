import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { type Gateway, type Setup, startGateway } from '../testing/gateway.ts';
import { readAnswer, readHead, value } from '../testing/message.ts';
import { checkPattern, pattern, pour } from '../testing/pattern.ts';
import { punctual } from '../testing/punctual.ts';
import type { Wire } from '../testing/wire.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const fields = [
  'Connection: keep-alive, Upgrade',
  'Upgrade: websocket',
  `Sec-WebSocket-Key: ${key}`,
  'Sec-WebSocket-Version: 13',
];
const handshake = request('GET /chat?room=1 HTTP/1.1', fields);

function request(start: string, lines: readonly string[]): string {
  return `${start}\r\nHost: a.example\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
}

/** The fields with one of them, by its beginning, replaced or (undefined) left out. */
function but(name: string, line?: string): string[] {
  return fields.flatMap((field) => (field.startsWith(name) ? (line === undefined ? [] : [line]) : [field]));
}

function switching(lines = '', accept = acceptOf(key)): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${lines}\r\n`;
}

function acceptOf(text: string): string {
  return createHash('sha1').update(`${text}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

const upgrading: Setup = { request: () => ({ upgrade: true }) };

interface Open {
  readonly gateway: Gateway;
  readonly client: Wire;
  readonly backend: Wire;
}

/** A tunnel that stands. */
async function tunnel(t: TestContext, setup: Setup = {}): Promise<Open> {
  const backend = await startBackend(t, async (wire) => {
    await readHead(wire);
    wire.send(switching());
  });
  const gateway = await startGateway(t, { ...upgrading, backend, ...setup });
  const client = await gateway.connect();
  client.send(handshake);
  assert.equal((await readHead(client)).status, 101);
  return { gateway, client, backend: await backend.wire(0) };
}

/** A backend that gives every request the same answer, and notes their heads. */
async function answering(t: TestContext, answer: string, setup: Setup = upgrading) {
  const heads: string[] = [];
  const backend = await startBackend(t, async (wire) => {
    for (;;) {
      heads.push((await readHead(wire)).head);
      wire.send(answer);
    }
  });
  const gateway = await startGateway(t, { ...setup, backend });
  return { gateway, heads, backend, client: await gateway.connect() };
}

test('a handshake reaches the backend whole, and its answer the client', async (t) => {
  const { client, heads, gateway } = await answering(
    t,
    switching('Sec-WebSocket-Protocol: chat\r\nKeep-Alive: timeout=5\r\n'),
  );
  client.send(
    request('GET /chat?room=1 HTTP/1.1', [...fields, 'Sec-WebSocket-Protocol: chat', 'Origin: http://b.example']),
  );
  assert.deepEqual((await readHead(client)).head.split('\r\n'), [
    'HTTP/1.1 101 Switching Protocols',
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
    'Sec-WebSocket-Protocol: chat',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]);
  assert.deepEqual(heads[0]?.split('\r\n').slice(2), [
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: chat',
    'Origin: http://b.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
  ]);
  assert.equal(gateway.calls[0]?.head.webSocketKey, key);
});

test('bytes that come with the heads are the first of the tunnel', async (t) => {
  const { client, backend } = await answering(t, `${switching()}late`);
  client.send(`${handshake}early`);
  assert.equal((await readHead(client)).status, 101);
  assert.equal((await client.take(4)).toString(), 'late');
  const wire = await backend.wire(0);
  assert.equal((await wire.take(5)).toString(), 'early');
});

test('whatever is sent arrives, both ways at once and in any pieces', async (t) => {
  const { client, backend, gateway } = await tunnel(t);
  const total = 3_000_000;
  await Promise.all([
    pour(client, total),
    pour(backend, total),
    client.sift(total, checkPattern),
    backend.sift(total, checkPattern),
  ]);
  for (let size = 1; size < 40_000; size = size * 2 + 1) {
    client.send(pattern(0, size));
    assert.ok((await backend.take(size)).equals(pattern(0, size)));
    backend.send(pattern(1, size));
    assert.ok((await client.take(size)).equals(pattern(1, size)));
  }
  client.socket.end();
  assert.equal(await backend.stopped(), 'end');
  backend.socket.end();
  assert.equal(await client.stopped(), 'end');
  const { status, end, bytesIn, bytesOut, backendTime } = await gateway.ended(0);
  assert.deepEqual(
    [status, end, bytesIn, bytesOut],
    [101, 'complete', client.socket.bytesWritten - handshake.length, backend.socket.bytesWritten - switching().length],
  );
  assert.ok(backendTime >= 0);
});

test('an end of one direction is passed on and leaves the other open, whoever is first', async (t) => {
  for (const first of ['client', 'backend'] as const) {
    const open = await tunnel(t);
    const [one, other] = first === 'client' ? [open.client, open.backend] : [open.backend, open.client];
    one.socket.end('last words');
    assert.equal(await other.rest(), 'last words');
    assert.equal(other.over, 'end');
    other.send(pattern(0, 60_000));
    await one.sift(60_000, checkPattern);
    other.socket.end();
    assert.equal(await one.stopped(), 'end');
    assert.equal((await open.gateway.ended(0)).end, 'complete');
  }
});

test('what was sent before the end is not lost when its reader is slow', async (t) => {
  const { client, backend, gateway } = await tunnel(t);
  client.socket.pause();
  backend.socket.end();
  client.socket.end();
  assert.equal(await backend.stopped(), 'end');
  client.socket.resume();
  assert.equal(await client.stopped(), 'end');
  await gateway.ended(0);
  const again = await tunnel(t);
  again.client.socket.pause();
  again.client.socket.end();
  await again.backend.stopped();
  const total = 4_000_000;
  const sent = pour(again.backend, total).then(() => again.backend.socket.end());
  again.client.socket.resume();
  await again.client.sift(total, checkPattern);
  await sent;
  assert.equal(await again.client.stopped(), 'end');
  assert.equal((await again.gateway.ended(0)).end, 'complete');
});

test('a side that does not read stops the other, and no more than that is kept', async (t) => {
  for (const stalled of ['client', 'backend'] as const) {
    const open = await tunnel(t);
    const [writer, reader] = stalled === 'client' ? [open.backend, open.client] : [open.client, open.backend];
    reader.socket.pause();
    let taken = 0;
    const total = 30_000_000;
    const pouring = pour(writer, total, (bytes) => {
      taken = bytes;
    });
    // The other direction goes on all the while: each round trip is time in which too much could have been taken.
    let before = -1;
    while (before !== taken) {
      before = taken;
      for (let round = 0; round < 20; round++) {
        reader.send('ping');
        await writer.take(4);
      }
    }
    assert.ok(taken < total, `all ${taken} bytes were taken`);
    reader.socket.resume();
    await reader.sift(total, checkPattern);
    await pouring;
    open.client.reset();
    await open.gateway.ended(0);
  }
});

test('a break of one side breaks the other', async (t) => {
  const one = await tunnel(t);
  one.client.reset();
  assert.equal(await one.backend.stopped(), 'reset');
  assert.equal((await one.gateway.ended(0)).end, 'client-closed');
  const other = await tunnel(t);
  other.backend.reset();
  assert.equal(await other.client.stopped(), 'reset');
  assert.equal((await other.gateway.ended(0)).end, 'backend-closed');
});

test('silence of both sides ends the tunnel in time, and a word of either prolongs it', async (t) => {
  const { client, backend, gateway } = await tunnel(t, { timeouts: { webSocketIdle: 300 } });
  await punctual(300, async () => {
    client.send('word');
    await backend.take(4);
    assert.equal(await client.stopped(), 'end');
  });
  assert.equal(await backend.stopped(), 'end');
  assert.equal((await gateway.ended(0)).end, 'idle');
  const talking = await tunnel(t, { timeouts: { webSocketIdle: 300 } });
  const began = performance.now();
  // Nobody can talk while the machine does something else: such a silence does not count.
  let longest = 0;
  for (let last = began; last - began < 900 && longest < 250; ) {
    talking.backend.send('word');
    await talking.client.take(4).catch(() => {});
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }
  assert.ok(longest >= 250 || talking.gateway.outcomes.length === 0);
});

test('the deadlines of an ordinary call do not cut a tunnel', async (t) => {
  const timeouts = { socket: 100, global: 100, keepAliveIdle: 100, clientHead: 100, webSocketIdle: 0 };
  const { client, backend } = await tunnel(t, { timeouts });
  const quiet = new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(await Promise.race([quiet, client.stopped(), backend.stopped()]), undefined);
  client.send('still there');
  assert.equal((await backend.take(11)).toString(), 'still there');
});

test('a tunnel whose right to go on is over is ended', async (t) => {
  let allowed = true;
  const { client, gateway } = await tunnel(t, { request: () => ({ upgrade: true, tunnelAllowed: () => allowed }) });
  allowed = false;
  assert.equal(await client.stopped(), 'end');
  assert.equal((await gateway.ended(0)).end, 'refused');
});

test('a drain waits for tunnels as for calls, then ends them and counts them', async (t) => {
  const { client, backend, gateway } = await tunnel(t);
  await punctual(200, async () => {
    const draining = gateway.listener.drain(200, 50);
    client.send('meanwhile');
    assert.equal((await backend.take(9)).toString(), 'meanwhile');
    assert.deepEqual(await draining, { abandoned: 1 });
  });
  assert.equal(await client.stopped(), 'end');
  assert.equal((await gateway.ended(0)).end, 'aborted');
  const closed = await tunnel(t);
  const going = closed.gateway.listener.drain(4000);
  closed.client.socket.end();
  await closed.backend.stopped();
  closed.backend.socket.end();
  assert.deepEqual(await going, { abandoned: 0 });
});

test('any other answer than 101 is an ordinary one, and the connection goes on', async (t) => {
  const { client, gateway, heads } = await answering(t, ok('no', 'Upgrade: websocket\r\nConnection: upgrade\r\n'));
  for (const status of [200, 200]) {
    client.send(handshake);
    const answer = await readAnswer(client);
    assert.equal(answer.status, status);
    assert.equal(answer.body.toString(), 'no');
    assert.equal(value(answer, 'upgrade'), undefined);
    assert.equal(value(answer, 'connection'), undefined);
  }
  assert.equal(heads.length, 2);
  assert.equal((await gateway.ended(1)).status, 200);
});

test('a 101 that is none ends in 502 and never in a tunnel', async (t) => {
  for (const answer of [
    switching('', acceptOf('another key')),
    switching().replace('Upgrade: WebSocket', 'Upgrade: h2c'),
    switching().replace('Upgrade: WebSocket\r\n', ''),
    switching().replace('Connection: upgrade\r\n', ''),
    switching().replace(/Sec-.*\r\n/, ''),
  ]) {
    const { client, gateway } = await answering(t, `${answer}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`);
    client.send(handshake);
    assert.equal((await readAnswer(client)).status, 502, answer);
    assert.equal(gateway.faults[0]?.kind, 'protocol');
    assert.equal(gateway.faults[0]?.phase, 3);
  }
});

test('a 101 that nobody asked for is a fault of the backend', async (t) => {
  const plain = request('GET / HTTP/1.1', []);
  for (const [setup, asked] of [
    [{}, handshake],
    [upgrading, plain],
    [upgrading, request('POST / HTTP/1.1', [...fields, 'Content-Length: 0'])],
    [upgrading, request('GET / HTTP/1.0', fields)],
  ] as const) {
    const { client, heads } = await answering(t, switching(), setup);
    client.send(asked);
    assert.equal((await readAnswer(client)).status, 502);
    assert.doesNotMatch(heads[0] ?? '', /^(upgrade|connection):/im);
  }
});

test('a protocol other than WebSocket is never asked for', async (t) => {
  const { client, heads, gateway } = await answering(t, ok('plain'));
  for (const lines of [
    ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'],
    ['Connection: upgrade', 'Upgrade: TLS/1.0', 'Upgrade: IRC/6.9'],
    but('Connection', 'Connection: keep-alive'),
    ['Upgrade: websocket'],
  ]) {
    client.send(request('GET / HTTP/1.1', lines));
    assert.equal((await readAnswer(client)).status, 200);
    assert.doesNotMatch(heads.at(-1) ?? '', /^(upgrade|connection|http2-settings):/im);
    assert.equal(gateway.calls.at(-1)?.head.webSocketKey, null);
  }
});

test('a list of protocols counts by the WebSocket in it, and no other goes on', async (t) => {
  const { client, heads } = await answering(t, switching());
  client.send(request('GET / HTTP/1.1', [...but('Upgrade'), 'Upgrade: h2c, WebSocket', 'Upgrade: IRC']));
  assert.equal((await readHead(client)).status, 101);
  assert.match(heads[0] ?? '', /\r\nUpgrade: websocket$/);
  assert.doesNotMatch(heads[0] ?? '', /h2c|IRC/);
});

test('a handshake that RFC 6455 does not allow is refused', async (t) => {
  const gateway = await startGateway(t, { ...upgrading, call: () => assert.fail('it was handed over') });
  for (const lines of [
    but('Sec-WebSocket-Key'),
    but('Sec-WebSocket-Key', 'Sec-WebSocket-Key: short=='),
    [...fields, `Sec-WebSocket-Key: ${key}`],
    but('Sec-WebSocket-Version'),
    but('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 13, 8'),
    [...fields, 'Content-Length: 1'],
    [...fields, 'Transfer-Encoding: chunked'],
  ]) {
    const client = await gateway.connect();
    client.send(request('GET / HTTP/1.1', lines));
    assert.equal((await readAnswer(client)).status, 400, lines.join());
  }
});

test('a handshake that waits too long is answered like any call', async (t) => {
  const backend = await startBackend(t, () => {});
  const gateway = await startGateway(t, { backend, request: () => ({ upgrade: true, timeout: 100 }) });
  const client = await gateway.connect();
  await punctual(100, async () => {
    client.send(handshake);
    assert.equal((await readAnswer(client)).status, 504);
  });
});

test('TLS on both sides carries a tunnel, with its ends passed on, whoever is first', async (t) => {
  const own = await certificate(['localhost']);
  const backend = await startBackend(
    t,
    async (wire) => {
      await readHead(wire);
      wire.send(switching());
    },
    { options: own, route: { serverName: 'localhost', verify: 'allow-all', trusted: [own.cert] } },
  );
  const gateway = await startGateway(t, { ...upgrading, backend, tls: own });
  const total = 2_000_000;
  for (const [index, first] of ['client', 'backend'].entries()) {
    const client = await gateway.connect();
    client.send(handshake);
    assert.equal((await readHead(client)).status, 101);
    const wire = await backend.wire(index);
    await Promise.all([
      pour(client, total),
      pour(wire, total),
      client.sift(total, checkPattern),
      wire.sift(total, checkPattern),
    ]);
    const [one, other] = first === 'client' ? [client, wire] : [wire, client];
    one.socket.end('over');
    assert.equal(await other.rest(), 'over');
    other.send('not yet');
    assert.equal((await one.take(7)).toString(), 'not yet');
    other.socket.end();
    await one.stopped();
    assert.equal((await gateway.ended(index)).end, 'complete');
  }
});

test('a tunnel counts as a connection of its backend until it ends', async (t) => {
  const pool = { maxPerRoute: 1, maxPending: 0 };
  const { client, backend, gateway } = await tunnel(t, { pool });
  const other = await gateway.connect();
  other.send(handshake);
  assert.equal((await readAnswer(other)).status, 502);
  assert.match(gateway.faults[0]?.kind ?? '', /full/);
  client.reset();
  await backend.stopped();
  await gateway.ended(1);
  other.send(handshake);
  assert.equal((await readHead(other)).status, 101);
});
