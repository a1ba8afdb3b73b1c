import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { selfSigned } from '../../packages/cli/home/self-signed.ts';
import { type Program, startProgram } from '../program/program.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { path, serveProject } from './projects.ts';
import { logged, workersOf } from './workers.ts';

const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

for (const workers of [2, 0]) {
  test(`a certificate that changes on disk is taken over by itself, with ${workers} workers, and no connection ends`, async (t) => {
    const backend = await recordingBackend(t, () => ok('{}'));
    const program = await serveProject(t, backend.url, { workers });
    const before = workersOf(program);
    const kept = await open(program);
    await kept.ask();
    const file = join(program.home, 'security', 'tls.pem');
    writeFileSync(`${file}.new`, selfSigned('another.example'));
    renameSync(`${file}.new`, file);
    await logged(program, 'certificates have changed and were taken over');
    await eventually('every process shows it', 10_000, () => eachShows(program, 'another.example'));
    await kept.ask();
    writeFileSync(file, 'nonsense');
    const refused = await logged(program, 'certificates have changed and cannot be used; those in force stay');
    assert.match(String(refused.reason), /security\/tls\.pem cannot be used: it is neither PEM nor PKCS#12$/);
    await eventually('every process goes on', 10_000, () => eachShows(program, 'another.example'));
    await kept.ask();
    writeFileSync(file, selfSigned('third.example'));
    await logged(program, 'certificates have changed and were taken over', 2);
    await eventually('every process shows the third', 10_000, () => eachShows(program, 'third.example'));
    await kept.ask();
    kept.end();
    assert.deepEqual(workersOf(program), before);
    assert.equal(await program.stop(), 0);
  });
}

test('the portals take a changed certificate over too', async (t) => {
  const program = await startProgram(t);
  writeFileSync(join(program.home, 'security', 'tls.pem'), selfSigned('another.example'));
  await logged(program, 'certificates have changed and were taken over', 2);
  for (const url of [program.urls.control, program.urls.gatewayTls]) {
    const connection = await open({ urls: { gatewayTls: url as string } });
    connection.end();
    assert.equal(connection.shown, 'CN=another.example');
  }
  assert.equal(await program.stop(), 0);
});

test('a TLS session that one process began is taken up by every other', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url, { workers: 2 });
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const first = await open(program, { maxVersion });
    await first.ask();
    const { session } = first;
    assert.ok(session);
    first.end();
    for (let count = 0; count < 20; count++) {
      const next = await open(program, { maxVersion, session });
      assert.equal(next.reused, true);
      await next.ask();
      next.end();
    }
  }
  assert.equal(await program.stop(), 0);
});

/** A connection over TLS. */
function open(program: Pick<Program, 'urls'>, options: ConnectionOptions = {}) {
  const { port } = new URL(program.urls.gatewayTls as string);
  const socket = connect({
    host: '127.0.0.1',
    port: Number(port),
    servername: 'localhost',
    rejectUnauthorized: false,
    ...options,
  });
  let session: Buffer | undefined;
  socket.on('session', (bytes) => {
    session ??= bytes;
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('secureConnect', resolve);
  socket.once('error', reject);
  return promise.then(() => ({
    get session() {
      return session;
    },
    reused: socket.isSessionReused(),
    shown: socket.getPeerX509Certificate()?.subject,
    end: () => socket.destroy(),
    /** Sends a request, and waits for the end of the answer. */
    ask: () =>
      new Promise<void>((answered, failed) => {
        let text = '';
        const take = (bytes: Buffer) => {
          text += bytes;
          if (!text.endsWith('{}')) return;
          socket.off('data', take);
          socket.off('close', gone);
          answered(assert.match(text, /^HTTP\/1\.1 200 /));
        };
        const gone = () => failed(new Error(`the connection ended after ${JSON.stringify(text)}`));
        socket.on('data', take);
        socket.on('close', gone);
        socket.write(request);
      }),
  }));
}

/** True when many connections, taken by whoever is free, all get that certificate. */
async function eachShows(program: Program, name: string): Promise<true | undefined> {
  for (let count = 0; count < 12; count++) {
    const connection = await open(program);
    connection.end();
    if (!connection.shown?.includes(name)) return undefined;
  }
  return true;
}
