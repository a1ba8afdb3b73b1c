import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { selfSigned } from '../../packages/cli/home/self-signed.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { Callers } from './callers.ts';
import { path, serveProject } from './projects.ts';
import { logged, workersOf } from './workers.ts';

const reloads = 3;

test(`${reloads} rolling replacements under load lose no call, on kept and on new connections`, async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url);
  const { gateway, gatewayTls } = program.urls as { gateway: string; gatewayTls: string };
  const kept = new Callers({ url: gateway, path, count: 4, keepAlive: true });
  const fresh = new Callers({ url: gateway, path, count: 4, keepAlive: false });
  const secure = new Callers({ url: gatewayTls, path, count: 2, keepAlive: false });
  const load = [kept, fresh, secure];
  const generations = [workersOf(program)];
  for (let count = 1; count <= reloads; count++) {
    const before = fresh.connections;
    process.kill(program.pid, 'SIGHUP');
    await logged(program, 'reloaded', count, 30_000);
    await eventually('new connections', 20_000, async () => (fresh.connections > before + 300 ? true : undefined));
    generations.push(workersOf(program));
  }
  await Promise.all(load.map((callers) => callers.stop()));
  assert.deepEqual(
    load.flatMap(({ failures }) => failures),
    [],
  );
  t.diagnostic(
    `${fresh.connections} new connections, ${secure.connections} with TLS, ${kept.answers} calls on kept ones`,
  );
  assert.ok(fresh.connections >= 300 * reloads);
  const old = generations[0] as number[];
  await eventually('the old ones are gone', 20_000, async () => {
    const now = workersOf(program);
    return now.length === 2 && now.every((pid) => !old.includes(pid)) ? true : undefined;
  });
  assert.equal(await program.stop(), 0);
});

for (const workers of [2, 0]) {
  test(`a reload serves the certificate that is on disk now, with ${workers} workers`, async (t) => {
    const backend = await recordingBackend(t, () => ok('{}'));
    const program = await serveProject(t, backend.url, { workers });
    const tls = new URL(program.urls.gatewayTls as string);
    const before = await servedCertificate(tls);
    writeFileSync(join(program.home, 'security', 'tls.pem'), await selfSigned('another.example'));
    process.kill(program.pid, 'SIGHUP');
    await logged(program, 'reloaded');
    const after = await servedCertificate(tls);
    assert.notEqual(after.fingerprint, before.fingerprint);
    assert.match(after.subject.CN as string, /another\.example/);
    assert.equal(await program.stop(), 0);
  });
}

test('a reload takes new limits over; settings that cannot be used change nothing and are named', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url);
  const gateway = program.urls.gateway as string;
  const file = join(program.home, 'deployment.toml');
  const long = `${path}?${'a'.repeat(1000)}`;
  assert.equal((await call(gateway, long)).status, 200);
  appendFileSync(file, '[sluice.gateway]\nmax_request_line = "a lot"\n');
  const before = workersOf(program);
  process.kill(program.pid, 'SIGHUP');
  const refused = await logged(program, 'the reload failed; what was in force stays');
  assert.match(String(refused.reason), /max_request_line/);
  assert.deepEqual(workersOf(program), before);
  assert.equal((await call(gateway, long)).status, 200);
  appendFileSync(file, '\n');
  writeFileSync(file, `[sluice.gateway]\nmax_request_line = 300\n`);
  process.kill(program.pid, 'SIGHUP');
  await logged(program, 'reloaded');
  await eventually('the new limit', 10_000, async () =>
    (await call(gateway, long)).status === 414 ? true : undefined,
  );
  assert.equal((await call(gateway, path)).status, 200, 'the ports stay as they are');
  assert.equal(await program.stop(), 0);
});

async function servedCertificate({ hostname, port }: URL) {
  const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const certificate = socket.getPeerCertificate();
  socket.end();
  return certificate;
}
