import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leastDisturbed } from './compare.ts';

/** Measurements that were disturbed so much, one after the other; each costs more than the one before. */
function measurements(...shares: number[]) {
  const made: { stolenShare: number; cost: number }[] = [];
  const one = async () => {
    const sample = { stolenShare: shares[made.length] ?? 0, cost: made.length };
    made.push(sample);
    return sample;
  };
  return { made, one };
}

test('what was disturbed is measured again, so often and no more, and the least disturbed counts whatever it cost', async () => {
  const { made, one } = measurements(0.05, 0.02, 0.04, 0.03);
  assert.deepEqual(await leastDisturbed(3, one), { stolenShare: 0.02, cost: 1 });
  assert.equal(made.length, 3);
});

test('the first that was not disturbed ends it', async () => {
  const { made, one } = measurements(0.05, 0.01, 0);
  assert.deepEqual(await leastDisturbed(3, one), { stolenShare: 0.01, cost: 1 });
  assert.equal(made.length, 2);
});
