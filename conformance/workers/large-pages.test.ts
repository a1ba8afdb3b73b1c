import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { serveApi } from './all-in-one.ts';
import { workersOf } from './workers.ts';

for (const [settings, large] of [
  ['', true],
  ['[sluice.gateway]\nlarge_pages = false\n', false],
] as const) {
  test(`gateway processes serve ${large ? 'from large pages' : 'from ordinary pages by setting'}`, async (t) => {
    const backend = await recordingBackend(t, () => ok('{}'));
    const program = await serveApi(t, backend.url, settings);
    for (const pid of workersOf(program)) {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      assert.equal(command.includes('--use-largepages=silent'), large);
    }
    assert.equal(await program.stop(), 0);
  });
}
