import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retiredPriorities, sumPriorities } from './priorities.ts';

const one = { priority: 1, inFlight: 1, queued: 2, full: 3, late: 4 };
const ten = { priority: 10, inFlight: 10, queued: 20, full: 30, late: 40 };

test('processes are summed up by priority, and one that has ended leaves its counters alone', () => {
  assert.deepEqual(sumPriorities([undefined, [one], [ten, one], []]), [
    ten,
    { priority: 1, inFlight: 2, queued: 4, full: 6, late: 8 },
  ]);
  assert.deepEqual(sumPriorities([]), []);
  assert.deepEqual(retiredPriorities([one]), [{ ...one, inFlight: 0, queued: 0 }]);
  assert.deepEqual(retiredPriorities(undefined), []);
});
