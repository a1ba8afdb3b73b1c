import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { Callers } from './callers.ts';
import { heldBackend } from './held-backend.ts';
import { path, serveProject } from './projects.ts';
import { logged, workersOf } from './workers.ts';

test('a stop under load loses no call, and every call is one whole line of the access log', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url);
  const { gateway, gatewayTls } = program.urls as { gateway: string; gatewayTls: string };
  const load = [
    new Callers({ url: gateway, path, count: 6, keepAlive: true }),
    new Callers({ url: gateway, path, count: 2, keepAlive: false }),
    new Callers({ url: gatewayTls, path, count: 2, keepAlive: true }),
  ];
  await eventually('load', 20_000, async () => (load.every(({ answers }) => answers > 100) ? true : undefined));
  for (const callers of load) callers.serverWillEnd();
  const stopped = program.stop();
  await Promise.all(load.map((callers) => callers.ended()));
  assert.equal(await stopped, 0);
  assert.deepEqual(
    load.flatMap(({ failures }) => failures),
    [],
  );
  const logs = join(program.home, 'logs');
  const lines = readdirSync(logs)
    .filter((name) => name.startsWith('http_access_'))
    .flatMap((name) => readFileSync(join(logs, name), 'utf8').split('\n'))
    .filter((line) => line !== '');
  assert.equal(
    lines.length,
    load.reduce((sum, { answers }) => sum + answers, 0),
  );
  for (const line of lines)
    assert.match(line, /^127\.0\.0\.1 - \S+ \[[^\]]+\] "?GET \/open\/1\.0\.0\/items HTTP\/1\.1"? 200 /);
});

test('a stop waits for calls no longer than it may, says what it cut, and leaves no process behind', async (t) => {
  const backend = await heldBackend(t);
  const program = await serveProject(t, backend.url, {
    settings: '[passthru_http]\n"transport.listener.shutdown.wait.sec" = 1\n',
  });
  const workers = workersOf(program);
  const callers = new Callers({ url: program.urls.gateway as string, path, count: 3, keepAlive: true });
  await backend.holds(3);
  assert.equal(await program.stop(), 0);
  await callers.stop();
  assert.equal(callers.answers, 0);
  assert.equal((await logged(program, 'calls were cut at the stop')).calls, 3);
  for (const pid of workers) assert.throws(() => process.kill(pid, 0), /ESRCH/);
});

test('workers end their calls and follow when their main process is killed', async (t) => {
  const backend = await heldBackend(t);
  const program = await serveProject(t, backend.url);
  const workers = workersOf(program);
  const callers = new Callers({ url: program.urls.gateway as string, path, count: 3, keepAlive: true });
  await backend.holds(3);
  callers.serverWillEnd();
  await program.stop('SIGKILL');
  // A worker that has not noticed yet would answer what its callers ask next, too.
  await logged(program, 'the main process is gone; this one ends its calls and follows', workers.length);
  backend.release();
  await callers.ended();
  assert.equal(callers.answers, 3);
  assert.deepEqual(callers.failures, []);
  for (const pid of workers)
    await eventually(`the end of ${pid}`, 10_000, async () => (isGone(pid) ? true : undefined));
});

/** Ended, or waiting for its parent to hear of that. */
function isGone(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
