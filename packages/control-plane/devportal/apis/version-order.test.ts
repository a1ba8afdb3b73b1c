import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareVersions } from './version-order.ts';

test('versions are ordered by number, a finished one after its drafts', () => {
  const ordered = ['0.9', '1.0.0-alpha', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0', 'v1.2', '1.10.0', '2', '10'];
  assert.deepEqual([...ordered].reverse().sort(compareVersions), ordered);
});

test('the order is one: antisymmetric and transitive for whatever people call a version', () => {
  const version = fc.stringMatching(/^[\dv.abz-]{1,12}$/);
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0);
    }),
    { numRuns: 2000 },
  );
});
