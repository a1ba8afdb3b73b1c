import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProgram, temporaryHome } from '../../conformance/program/program.ts';
import { writeProject } from '../../conformance/projects/project.ts';
import { logged } from '../../conformance/workers/workers.ts';
import { startStreamBackend } from './stream-backend.ts';
import { type Slowness, transfer } from './transfer.ts';
import { watchMemory } from './watch.ts';

const mebibyte = 1024 * 1024;
const bytes = 64 * mebibyte;
const pace = { bytesPerSecond: bytes, stall: 300 };

test('a body whose reader or writer is slow passes whole and does not pile up in the gateway', async (t) => {
  const backend = await startStreamBackend();
  t.after(() => backend.close());
  const folder = join(temporaryHome(t), 'apis');
  writeProject(folder, 'Stream', `http://127.0.0.1:${backend.port}`);
  const program = await startProgram(t, { args: ['gateway', '--apis', folder], env: { SLUICE_GATEWAY__WORKERS: '1' } });
  await logged(program, 'all gateway processes serve');
  const through = { port: Number(new URL(program.urls.gateway as string).port), path: '/stream/1.0.0/items' };
  for (const slowness of ['slow-reader', 'slow-backend', 'slow-writer'] satisfies Slowness[]) {
    await t.test(slowness, async () => {
      const watch = watchMemory(program.pid);
      await transfer(backend, { slowness, bytes, pace }, through);
      const courses = watch.stop();
      assert.equal(courses.length, 2, 'the main process and its worker are watched');
      for (const { before, peak } of courses)
        assert.ok(peak - before < bytes / mebibyte / 2, `from ${before} to ${peak} MiB for a body of 64`);
    });
  }
});
