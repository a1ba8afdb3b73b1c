import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runStorm } from './run.ts';

// The full rate is for a machine that does nothing else: `npm run conformance -- endpoints --full`.
test('a call that may have been done is sent again when backends fail in every way', {
  timeout: 120_000,
}, async (t) => {
  const result = await runStorm(t, { rate: 300, seconds: 5, workers: 2, connections: 128, seed: 4 });
  t.diagnostic(JSON.stringify(result.ends));
  assert.deepEqual(result.violations, []);
  assert.ok((result.repeated.GET ?? 0) > 0, 'nothing was sent again at all: the run says nothing');
});
