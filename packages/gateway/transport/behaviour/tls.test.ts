import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { BackendTls } from '../call.ts';
import { answering, ok, startBackend } from '../testing/backend.ts';
import { certificate } from '../testing/certificate.ts';
import { startGateway } from '../testing/gateway.ts';
import { type Message, readAnswer, readHead, readRequest } from '../testing/message.ts';
import { checkPattern, pour } from '../testing/pattern.ts';
import { punctual } from '../testing/punctual.ts';
import { Wire } from '../testing/wire.ts';

const get = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
const [ours, renewed, elsewhere, over] = await Promise.all([
  certificate(['localhost', '127.0.0.1']),
  certificate(['renewed.example']),
  certificate(['elsewhere.example']),
  certificate(['localhost', '127.0.0.1'], -1),
]);

const trusting = (cert: string, changes: Partial<BackendTls> = {}): BackendTls => ({
  serverName: 'localhost',
  verify: 'strict',
  trusted: [cert],
  ...changes,
});

test('calls over TLS are calls', async (t) => {
  const backend = await startBackend(
    t,
    answering(({ start, body }) => ok(`${start} ${body}`)),
  );
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await gateway.connect();
  await t.test('with their bodies, pipelined and in pieces', async () => {
    await client.trickle(`POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello${get}`);
    assert.equal((await readAnswer(client)).body.toString(), 'POST /1 HTTP/1.1 hello');
    assert.equal((await readAnswer(client)).body.toString(), 'GET /x HTTP/1.1 ');
    assert.equal(gateway.calls[0]?.secure, true);
    assert.equal(gateway.calls[0]?.remotePort, client.socket.localPort);
  });
  await t.test('refused like others', async () => {
    const bad = await gateway.connect();
    bad.send('GET / HTTP/1.1\r\nHost : a\r\n\r\n');
    assert.equal((await readAnswer(bad)).status, 400);
    assert.equal(await bad.stopped(), 'end');
  });
  await t.test('with a new certificate for new connections', async () => {
    gateway.listener.setTls(renewed);
    const next = await gateway.connect();
    const peer = (next.socket as TLSSocket).getPeerCertificate();
    assert.equal(peer.subject.CN, 'renewed.example');
    for (const wire of [next, client]) {
      wire.send(get);
      assert.equal((await readAnswer(wire)).status, 200);
    }
  });
  await t.test('only', async () => {
    const calls = gateway.calls.length;
    const plain = new Wire(connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true }));
    plain.send(get);
    await plain.stopped();
    const rude = connect({ port: gateway.port, host: '127.0.0.1' });
    await once(rude, 'connect');
    rude.resetAndDestroy();
    client.send(get);
    assert.equal((await readAnswer(client)).status, 200);
    assert.equal(gateway.calls.length, calls + 1);
  });
  await t.test('of HTTP/1.1, for clients that ask by ALPN', async () => {
    const socket = connectTls({ port: gateway.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    await once(socket, 'secureConnect');
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
  });
});

test('a handshake that does not come is not waited for', async (t) => {
  const gateway = await startGateway(t, { tls: ours, timeouts: { tlsHandshake: 120 } });
  const mute = new Wire(connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true }));
  t.after(() => mute.socket.destroy());
  await once(mute.socket, 'connect');
  await punctual(120, () => mute.stopped());
});

test('an answer that is cut over TLS never looks whole, and the listener lives on', async (t) => {
  const backend = await startBackend(t, async (wire, index) => {
    await readRequest(wire);
    wire.send(
      `HTTP/1.1 200 OK\r\n${index < 2 ? 'Content-Length: 10\r\n' : 'Transfer-Encoding: chunked\r\n'}\r\n5\r\nhello`,
    );
    if (index % 2) wire.reset();
    else wire.socket.end();
  });
  const gateway = await startGateway(t, {
    tls: ours,
    backend,
    call: (call) => (call.head.method === 'PUT' ? call.abort() : gateway.send(call)),
  });
  for (let count = 0; count < 4; count++) {
    const client = await gateway.connect();
    client.send(get);
    await client.stopped();
    const text = await client.rest();
    assert.ok(!text.includes('200 OK') || !text.endsWith('\r\n0\r\n\r\n'), text);
    const { end, status } = await gateway.ended(count);
    assert.ok(end === 'backend-closed' || status === 502, `${end} ${status}`);
  }
  const client = await gateway.connect();
  client.send(get.replace('GET', 'PUT'));
  await client.stopped();
  assert.equal(client.received, 0);
  assert.equal((await gateway.ended(4)).end, 'aborted');
});

test('long bodies pass whole and with back-pressure over TLS on both sides', async (t) => {
  const size = 8 * 2 ** 20;
  const tls = { options: ours, route: trusting(ours.cert) };
  const script = async (wire: Wire) => {
    const head = await wire.through('\r\n\r\n');
    if (head.startsWith('POST')) await wire.sift(size, checkPattern);
    wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    await pour(wire, size);
  };
  const backend = await startBackend(t, script, tls);
  const gateway = await startGateway(t, { tls: ours, backend });
  const client = await gateway.connect();
  client.send(`POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  await pour(client, size);
  await readHead(client);
  await client.sift(size, checkPattern);
  const { bytesIn, bytesOut, end } = await gateway.ended(0);
  assert.deepEqual([bytesIn, bytesOut, end], [size, size, 'complete']);
});

test('a backend is believed only by its certificate', async (t) => {
  const rows = [
    ['a trusted one for its name', ours, trusting(ours.cert), null],
    ['a trusted one for its address', ours, trusting(ours.cert, { serverName: '127.0.0.1' }), null],
    ['one that nobody trusts', ours, { serverName: 'localhost', verify: 'strict' }, 'tls'],
    ['one that others trust', ours, trusting(elsewhere.cert), 'tls'],
    ['one for another name', elsewhere, trusting(elsewhere.cert), 'tls'],
    ['one for another name, by default', elsewhere, trusting(elsewhere.cert, { verify: 'default' }), 'tls'],
    [
      'one for another name, on this very machine',
      elsewhere,
      trusting(elsewhere.cert, { verify: 'default-and-localhost' }),
      null,
    ],
    ['one for another name, whatever it is', elsewhere, trusting(elsewhere.cert, { verify: 'allow-all' }), null],
    ['one that is over', over, trusting(over.cert), 'tls'],
  ] as const;
  for (const [what, options, route, kind] of rows) {
    await t.test(what, async (t) => {
      const seen: Message[] = [];
      const script = answering((request) => {
        seen.push(request);
        return ok('');
      });
      const backend = await startBackend(t, script, { options, route });
      const gateway = await startGateway(t, { backend });
      const client = await gateway.connect();
      for (let count = 0; count < 2; count++) {
        client.send(get);
        assert.equal((await readAnswer(client)).status, kind ? 502 : 200);
      }
      assert.equal(seen.length, kind ? 0 : 2);
      assert.deepEqual(
        gateway.faults.map((fault) => [fault.kind, fault.replayable]),
        kind
          ? [
              [kind, true],
              [kind, true],
            ]
          : [],
      );
      if (!kind) assert.equal(backend.wires.length, 1, 'the connection is kept');
    });
  }
});

test('a backend that cannot shake hands is a fault', async (t) => {
  const rows = [
    ['speaks no TLS', (wire: Wire) => wire.send('HTTP/1.1 400 Bad Request\r\n\r\n'), ['tls'], null],
    ['closes', (wire: Wire) => wire.socket.end(), ['tls', 'closed'], null],
    ['resets', (wire: Wire) => wire.reset(), ['tls', 'reset'], null],
    ['is silent', () => {}, ['connect-timeout'], 'tls-handshake'],
  ] as const;
  for (const [what, act, kinds, deadline] of rows) {
    await t.test(`that ${what}`, async (t) => {
      const backend = await startBackend(t, async (wire) => {
        await wire.take(5);
        act(wire);
      });
      const route = { ...backend.route, tls: trusting(ours.cert) };
      const gateway = await startGateway(t, {
        backend: { route },
        timeouts: { tlsHandshake: deadline ? 120 : 30_000 },
      });
      const client = await gateway.connect();
      client.send(get);
      await readAnswer(client);
      const [fault] = gateway.faults;
      assert.ok(
        kinds.some((kind) => kind === fault?.kind),
        fault?.kind,
      );
      assert.equal(fault?.replayable, true);
      assert.equal(fault?.deadline?.name ?? null, deadline);
      if (deadline) assert.equal(fault?.deadline?.value, 120);
    });
  }
});

test('a kept TLS connection that died is replaced, and a death in the body cuts the client off', async (t) => {
  let count = 0;
  const script = async (wire: Wire) => {
    for (;;) {
      await readRequest(wire);
      if (++count === 2) return wire.socket.destroy();
      if (count === 4) {
        wire.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
        return wire.socket.end();
      }
      wire.send(ok(String(count)));
    }
  };
  const backend = await startBackend(t, script, { options: ours, route: trusting(ours.cert) });
  const gateway = await startGateway(t, { backend });
  const client = await gateway.connect();
  for (const expected of ['1', '3']) {
    client.send(get);
    assert.equal((await readAnswer(client)).body.toString(), expected);
  }
  client.send(get);
  await client.through('hello');
  await client.stopped();
  assert.equal((await gateway.ended(2)).end, 'backend-closed');
  assert.deepEqual(gateway.faults, []);
});

test('a client that goes away in the middle of its handshake is not waited for', async (t) => {
  const gateway = await startGateway(t, {
    tls: await certificate(['localhost']),
    call: (call) => call.reply(200, '', ''),
  });
  for (const part of ['', '1603010200', '160301020001']) {
    const socket = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    await once(socket, 'connect');
    const gone = new Promise((resolve) => socket.on('end', resolve).on('close', resolve));
    socket.resume();
    await punctual(0, async () => {
      socket.end(Buffer.from(part, 'hex'));
      await gone;
    });
  }
});

test('a client that takes no more as an answer ends leaves the connection to the backend as good as before', async (t) => {
  let answered = 0;
  const backend = await startBackend(
    t,
    answering(({ start }) => {
      answered++;
      return ok('x'.repeat(start.includes('flood') ? 50_000 : 2));
    }),
    { options: ours, route: trusting(ours.cert) },
  );
  // TLS hands over all that one read has brought, though it was told to stop in the middle of it.
  const gateway = await startGateway(t, { backend, pool: { maxPerRoute: 1 }, timeouts: { global: 5000 } });
  const flood = await gateway.connect();
  flood.socket.pause();
  flood.send('GET /flood HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1000));
  const other = await gateway.connect();
  // Until some round trips in a row saw no answer to the flood, it is not stalled yet.
  for (let still = 0, last = -1; still < 20; still = answered - last === 1 ? still + 1 : 0) {
    last = answered;
    other.send(get);
    assert.equal((await readAnswer(other)).status, 200);
  }
  assert.ok(answered < 1000, 'nothing held the flood back');
  assert.equal(backend.wires.length, 1);
});
