import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTrial, type Trial } from './run.ts';
import { violationsOf } from './verdict.ts';

// The full rate and the 20 ms are for a machine that does nothing else: `npm run conformance -- throttling --full`.
const trial: Trial = { gateways: 4, rate: 800, limit: 1000, seconds: 3, before: 1, after: 2 };
const standard = { p99: 500, disturbed: 2, lines: 20 };

test('four gateways with one Redis admit more than the limit, or less than 99 % of it, or stand still when it dies', {
  timeout: 120_000,
}, async (t) => {
  const result = await runTrial(t, trial, (text) => t.diagnostic(text));
  t.diagnostic(`log of the first gateway: ${result.log[0]?.join('; ')}`);
  assert.deepEqual(violationsOf(result, trial, standard), []);
});
