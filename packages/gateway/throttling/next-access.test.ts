import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextAccessTime } from './next-access.ts';

test('the time is one that clients of WSO2 can read, and never before the window ends', () => {
  assert.equal(nextAccessTime(Date.UTC(2025, 0, 5, 10, 1)), '2025-Jan-05 10:01:00+0000 UTC');
  assert.equal(nextAccessTime(Date.UTC(2025, 11, 31, 23, 59, 59, 1)), '2026-Jan-01 00:00:00+0000 UTC');
});
