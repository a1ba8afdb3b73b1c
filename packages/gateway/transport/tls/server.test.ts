import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { authority } from '../testing/certificate.ts';
import { type ListenerTls, TlsAcceptor } from './server.ts';

const issuer = await authority('An authority');
const stranger = await authority('A stranger');
const [usual, first, second, wild, guest, gone, over, alien] = await Promise.all([
  issuer.issue(['localhost']),
  issuer.issue(['first.example']),
  issuer.issue(['second.example']),
  issuer.issue(['*.wild.example']),
  issuer.issue([], 30, 'Guest'),
  issuer.issue([], 30, 'Gone'),
  issuer.issue([], -1, 'Over'),
  stranger.issue([], 30, 'Guest'),
]);

/** Tells of each handshake that failed. */
const ended = new EventEmitter();

/** Answers every connection with what it knows of the client: subject of a verified certificate, or `nobody`. */
async function serve(t: TestContext, options: ListenerTls, host = '127.0.0.1') {
  const failures: TLSSocket[] = [];
  const acceptor = new TlsAcceptor(options, ['http/1.1'], 5000, {
    secured: (socket) => {
      socket.on('error', () => {});
      socket.end((socket.authorized && socket.getPeerX509Certificate()?.subject) || 'nobody');
    },
    failed(socket) {
      failures.push(socket);
      ended.emit('one');
    },
  });
  const server = createServer((socket) => acceptor.accept(socket));
  server.listen(0, host);
  await once(server, 'listening');
  t.after(() => server.close());
  return { acceptor, failures, port: (server.address() as { port: number }).port };
}

/** What a client gets to see. */
interface Met {
  /** Common name of the server's certificate. */
  readonly shown: string | undefined;
  /** What was said after the handshake; empty when the connection ended before. */
  readonly said: string;
  readonly reused: boolean;
  readonly session: Buffer | undefined;
  readonly protocol: string | null;
  readonly cipher: string;
}

function meet(port: number, options: ConnectionOptions = {}): Promise<Met> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ...options });
    let said = '';
    let session: Buffer | undefined;
    let shaken: Omit<Met, 'said' | 'session'> | undefined;
    socket.once('secureConnect', () => {
      const shown = socket.getPeerX509Certificate()?.subject;
      const [protocol, cipher] = [socket.getProtocol(), socket.getCipher().name];
      shaken = { shown, reused: socket.isSessionReused(), protocol, cipher };
    });
    socket.on('session', (bytes) => {
      session = bytes;
    });
    socket.on('data', (bytes) => {
      said += bytes;
    });
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => {
      if (shaken) resolve({ ...shaken, said, session });
      else reject(failure);
    });
  });
}

test('the certificate for the name that a client asks for is shown, and the usual one for all others', async (t) => {
  const named = [
    { names: ['first.example'], ...first },
    { names: ['second.example', 'first.example'], ...second },
    { names: ['*.wild.example'], ...wild },
  ];
  const { port } = await serve(t, { ...usual, named });
  for (const [name, shown] of [
    ['first.example', 'first.example'],
    ['FIRST.example', 'first.example'],
    ['second.example', 'second.example'],
    ['a.wild.example', '*.wild.example'],
    ['a.b.wild.example', 'localhost'],
    ['wild.example', 'localhost'],
    ['example', 'localhost'],
    ['localhost', 'localhost'],
    ['', 'localhost'],
  ] as const) {
    assert.equal((await meet(port, { servername: name })).shown, `CN=${shown}`, name);
  }
});

test('a client that must show a certificate does, or is not served', async (t) => {
  const revoked = [await issuer.revoke(gone)];
  const clients = { verify: 'require', trusted: [issuer.cert], revoked } as const;
  const { port, failures } = await serve(t, { ...usual, clients, named: [{ names: ['first.example'], ...first }] });
  assert.equal((await meet(port, guest)).said, 'CN=Guest');
  assert.equal((await meet(port, { ...guest, servername: 'first.example' })).said, 'CN=Guest');
  const refused = [{}, gone, over, alien];
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [index, pair] of refused.entries()) {
      for (const servername of ['localhost', 'first.example']) {
        const options = { ...pair, servername, maxVersion: version };
        const said = await meet(port, options).then(
          (met) => met.said,
          () => '',
        );
        assert.equal(said, '', `${index} by ${version}`);
      }
    }
  }
  assert.equal(failures.length, refused.length * 4);
});

test('a certificate that cannot be verified counts as none where none is required, also in a short handshake', async (t) => {
  const clients = { verify: 'optional', trusted: [issuer.cert], revoked: [await issuer.revoke(gone)] } as const;
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { port } = await serve(t, { ...usual, clients, protocols: [version] });
    for (const [pair, said] of [
      [guest, 'CN=Guest'],
      [{}, 'nobody'],
      [gone, 'nobody'],
      [over, 'nobody'],
      [alien, 'nobody'],
    ] as const) {
      const met = await meet(port, pair);
      assert.equal(met.said, said);
      const again = await meet(port, { ...pair, ...(met.session ? { session: met.session } : {}) });
      assert.deepEqual([again.said, again.reused], [said, true]);
    }
  }
});

test('nobody is asked for a certificate where none is wanted', async (t) => {
  const { port } = await serve(t, usual);
  assert.equal((await meet(port, guest)).said, 'nobody');
});

test('a short handshake works with every process that has the same keys, and not past other demands', async (t) => {
  const ticketKeys = randomBytes(48);
  const clients = { verify: 'require', trusted: [issuer.cert] } as const;
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options = { ...usual, ticketKeys, protocols: [version] };
    const [one, two, strange, strict] = await Promise.all([
      serve(t, options),
      serve(t, options),
      serve(t, { ...options, ticketKeys: randomBytes(48) }),
      serve(t, { ...options, clients }),
    ]);
    const { session } = await meet(one.port);
    assert.ok(session);
    assert.equal((await meet(two.port, { session })).reused, true);
    assert.equal((await meet(strange.port, { session })).reused, false);
    one.acceptor.replace(options);
    assert.equal((await meet(one.port, { session })).reused, true, 'a reload ends no session');
    const said = await meet(strict.port, { session }).then(
      (met) => met.said,
      () => '',
    );
    assert.equal(said, '', 'a session without a certificate came past the demand for one');
  }
});

test('the profile of the address that a client called holds', async (t) => {
  const clients = { verify: 'require', trusted: [issuer.cert] } as const;
  const options = { ...usual, addresses: [{ address: '127.0.0.2', ...second, clients }] };
  for (const host of ['0.0.0.0', '::']) {
    const { port } = await serve(t, options, host);
    assert.equal((await meet(port)).shown, 'CN=localhost');
    const met = await meet(port, { ...guest, host: '127.0.0.2' });
    assert.deepEqual([met.shown, met.said], ['CN=second.example', 'CN=Guest']);
    assert.equal(
      await meet(port, { host: '127.0.0.2' }).then(
        (one) => one.said,
        () => '',
      ),
      '',
    );
  }
});

test('versions and cipher suites are those that are allowed, in the order of the listener', async (t) => {
  const ciphers = ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-GCM-SHA256'];
  const { port } = await serve(t, { ...usual, protocols: ['TLSv1.2'], ciphers });
  const reversed = ciphers.toReversed().join(':');
  const { protocol, cipher } = await meet(port, { ciphers: reversed });
  assert.deepEqual([protocol, cipher], ['TLSv1.2', ciphers[0]]);
  await assert.rejects(meet(port, { minVersion: 'TLSv1.3' }));
  await assert.rejects(meet(port, { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' }));
});

test('new certificates are for new handshakes, and what cannot be used changes nothing', async (t) => {
  const { acceptor, port } = await serve(t, usual);
  acceptor.replace(first);
  assert.equal((await meet(port)).shown, 'CN=first.example');
  assert.throws(() => acceptor.replace({ cert: first.cert, key: second.key }));
  assert.throws(() => acceptor.replace({ ...first, ciphers: ['NONSENSE'] }));
  assert.equal((await meet(port)).shown, 'CN=first.example');
});

test('what is no handshake, or only part of one, ends alone', async (t) => {
  const { port, failures } = await serve(t, { ...usual, named: [{ names: ['first.example'], ...first }] });
  const hello = await firstBytes(t);
  const pieces = Array.from({ length: 24 }, (_, index) => hello.subarray(0, Math.floor((hello.length * index) / 24)));
  const changed = Array.from({ length: 40 }, (_, index) => {
    const bytes = Buffer.from(hello);
    bytes[(index * 37) % hello.length] = (index * 101) & 0xff;
    return bytes;
  });
  const garbage = ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\xff\xff', '\x80\x2e\x01\x00\x02', '\0'.repeat(70_000)].map(
    (text) => Buffer.from(text, 'latin1'),
  );
  const all = [...pieces, ...changed, ...garbage];
  await Promise.all(all.map((bytes) => sendOff(port, bytes)));
  while (failures.length < all.length) await once(ended, 'one');
  assert.equal(failures.length, all.length);
  assert.equal((await meet(port)).said, 'nobody');
});

/** The first message of a handshake, as a client sends it. */
async function firstBytes(t: TestContext): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const client = connect({
    port: (server.address() as { port: number }).port,
    host: '127.0.0.1',
    servername: 'first.example',
  });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  return bytes as Buffer;
}

/** Sends bytes and their end; resolves when the connection is over. */
function sendOff(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTcp({ port, host: '127.0.0.1' }, () => socket.end(bytes));
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });
}
