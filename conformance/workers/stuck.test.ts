import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { Callers } from './callers.ts';
import { path, serveProject } from './projects.ts';
import { logged, runInside, workersOf } from './workers.ts';

const stuck = 'a gateway process is stuck and is replaced';

test('a worker that does not return to its event loop is replaced, its stack is logged, and calls do not wait for it', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveProject(t, backend.url, { settings: '[sluice.gateway]\nstuck_threshold = 1\n' });
  const [victim, other] = workersOf(program) as [number, number];
  await runInside(program, victim, '(function turningInCircles() { for (;;); })()');
  const callers = new Callers({ url: program.urls.gateway as string, path, count: 2, keepAlive: false });
  const line = await logged(program, stuck);
  assert.equal(line.worker, victim);
  assert.match(String(line.stack), /^at turningInCircles /);
  // Calls that the stuck one had accepted are its own; the others went on without it.
  const before = callers.answers;
  await eventually('calls go on', 10_000, async () => (callers.answers > before + 50 ? true : undefined));
  await eventually('the successor', 10_000, async () => {
    const now = workersOf(program);
    return now.length === 2 && !now.includes(victim) && now.includes(other) ? true : undefined;
  });
  await callers.stop();

  // One that cannot run at all is replaced too, without a stack.
  process.kill(other, 'SIGSTOP');
  const second = await logged(program, stuck, 2, 15_000);
  assert.deepEqual([second.worker, second.stack], [other, 'not known: it does not run JavaScript']);
  await eventually('the next successor', 10_000, async () =>
    workersOf(program).length === 2 && !workersOf(program).includes(other) ? true : undefined,
  );
  assert.equal(await program.stop(), 0);
});
