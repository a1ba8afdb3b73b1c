import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import type { BackendTls } from '../call.ts';
import { authority } from '../testing/certificate.ts';
import { openTls } from './client.ts';
import { type SenderOptions, SenderTls } from './sender.ts';

const issuer = await authority('An authority');
const stranger = await authority('A stranger');
const [ours, elsewhere, theirs, client] = await Promise.all([
  issuer.issue(['localhost']),
  issuer.issue(['elsewhere.example']),
  stranger.issue(['localhost']),
  issuer.issue([], 30, 'The gateway'),
]);

/** A TLS server; resolves with its port. `met` sees each connection. */
async function serve(t: TestContext, options: TlsOptions, met: (socket: TLSSocket) => void = () => {}) {
  const server = createServer(options, (socket) => {
    socket.on('error', () => {});
    met(socket);
    socket.write('!');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as { port: number }).port;
}

/** Shakes hands; resolves with the socket after the first byte from the server, by which a session has come too. */
async function meet(t: TestContext, port: number, tls: BackendTls, protocols = ['http/1.1']): Promise<TLSSocket> {
  const raw = connect(port, '127.0.0.1');
  t.after(() => raw.destroy());
  await once(raw, 'connect');
  return new Promise((resolve, reject) => {
    let secured = false;
    const secure = openTls(raw, { host: 'localhost', port, tls }, protocols, () => {
      secured = true;
      secure.once('data', () => resolve(secure));
    });
    secure.once('error', (error) => reject(secured ? new Error('an error after the handshake') : error));
  });
}

const believing = (changes: Partial<BackendTls> = {}, trusted = [issuer.cert]): BackendTls => ({
  serverName: 'localhost',
  verify: 'strict',
  sender: new SenderTls({ trusted }),
  ...changes,
});

test('a second handshake with a backend is a short one, unless what is demanded has changed', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const port = await serve(t, { ...ours, minVersion: version, maxVersion: version });
    const sender = new SenderTls({ trusted: [issuer.cert] });
    const tls = believing({ sender });
    assert.equal((await meet(t, port, tls)).isSessionReused(), false);
    assert.equal((await meet(t, port, tls)).isSessionReused(), true);
    assert.equal((await meet(t, port, believing({ sender }))).isSessionReused(), false);
    sender.replace({ trusted: [stranger.cert] });
    await assert.rejects(meet(t, port, tls), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  }
});

test('a backend is believed by the authorities of its route, and of the gateway', async (t) => {
  const port = await serve(t, theirs);
  const failure = { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
  await assert.rejects(meet(t, port, believing()), failure);
  await assert.rejects(meet(t, port, { serverName: 'localhost', verify: 'allow-all' }), failure);
  for (const tls of [
    believing({ trusted: [stranger.cert] }),
    { serverName: 'localhost', verify: 'strict', trusted: [stranger.cert] } as const,
    believing({ sender: new SenderTls({ trusted: [stranger.cert], trustsSystem: true }) }),
  ]) {
    (await meet(t, port, tls)).destroy();
  }
});

test('a certificate that nobody vouches for is taken where it may be, but not under a wrong name', async (t) => {
  const sender = new SenderTls({ trusted: [], anyCertificate: true });
  (await meet(t, await serve(t, theirs), believing({ sender }))).destroy();
  const port = await serve(t, elsewhere);
  const failure = { code: 'ERR_TLS_CERT_ALTNAME_INVALID' };
  await assert.rejects(meet(t, port, believing({ sender })), failure);
  await assert.rejects(meet(t, port, believing()), failure);
  (await meet(t, port, believing({ sender, verify: 'allow-all' }))).destroy();
  // Nor by a session that the first refusal left behind.
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const again = await serve(t, { ...elsewhere, maxVersion: version, minVersion: version });
    const tls = believing({ sender });
    const attempts = Array.from({ length: 4 }, () => meet(t, again, tls));
    for (const attempt of attempts) await assert.rejects(attempt, failure);
    await assert.rejects(meet(t, again, tls), failure);
  }
});

test('the first profile that names a backend holds for it, whole', async (t) => {
  const seen: (string | undefined)[] = [];
  const options = { ...ours, requestCert: true, ca: issuer.cert, rejectUnauthorized: false };
  const port = await serve(t, options, (socket) => seen.push(socket.getPeerX509Certificate()?.subject));
  const named = { servers: [`localhost:${port}`], identity: client, trusted: [issuer.cert] };
  const rows: readonly (readonly [SenderOptions, string | undefined])[] = [
    [{ profiles: [named] }, 'CN=The gateway'],
    [{ profiles: [named, { ...named, trusted: [] }] }, 'CN=The gateway'],
    [{ profiles: [{ ...named, servers: ['*'] }] }, 'CN=The gateway'],
    [{ trusted: [issuer.cert], identity: client, profiles: [{ servers: ['*'], trusted: [issuer.cert] }] }, undefined],
    [{ trusted: [issuer.cert], profiles: [{ ...named, servers: ['localhost:1'] }] }, undefined],
    [{ trusted: [issuer.cert], identity: client }, 'CN=The gateway'],
  ];
  for (const [options, subject] of rows) {
    (await meet(t, port, believing({ sender: new SenderTls(options) }))).destroy();
    assert.equal(seen.pop(), subject, JSON.stringify(options.profiles?.map(({ servers }) => servers)));
  }
  const sender = new SenderTls({
    trusted: [issuer.cert],
    profiles: [{ servers: ['*'], trusted: [stranger.cert] }, named],
  });
  (await meet(t, port, believing({ sender }))).destroy();
});

test('versions and cipher suites are those that are allowed, and names and protocols are offered', async (t) => {
  let met: TLSSocket | undefined;
  const port = await serve(t, { ...ours, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    met = socket;
  });
  const trusted = [issuer.cert];
  const older = await meet(t, port, believing({ sender: new SenderTls({ trusted, protocols: ['TLSv1.2'] }) }));
  assert.equal(older.getProtocol(), 'TLSv1.2');
  assert.equal(older.alpnProtocol, 'http/1.1');
  assert.equal((met as { servername?: string | false } | undefined)?.servername, 'localhost');
  const ciphers = ['TLS_CHACHA20_POLY1305_SHA256'];
  const newer = await meet(
    t,
    port,
    believing({ sender: new SenderTls({ trusted, protocols: ['TLSv1.3'], ciphers }) }),
    ['h2', 'http/1.1'],
  );
  assert.deepEqual([newer.getProtocol(), newer.getCipher().name, newer.alpnProtocol], ['TLSv1.3', ciphers[0], 'h2']);
});

test('a connection that ended before TLS began is an error, not a wait', async (t) => {
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  for (const allowHalfOpen of [false, true]) {
    for (const moment of ['connect', 'end', 'closed'] as const) {
      const raw = connect({ port, host: '127.0.0.1', allowHalfOpen });
      t.after(() => raw.destroy());
      raw.resume();
      await once(raw, moment === 'connect' ? 'connect' : 'end');
      if (moment === 'closed') await once(raw.destroy(), 'close');
      const secure = openTls(raw, { host: 'localhost', port, tls: believing() }, ['http/1.1'], () =>
        assert.fail('secured'),
      );
      const [error] = await once(secure, 'error');
      assert.match((error as Error).message, /closed the connection before|socket disconnected before/);
    }
  }
});
