import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBusy } from './busy.ts';
import { parseCpuList } from './cores.ts';

test('ranges and single processors of the kernel list are all found', () => {
  assert.deepEqual(parseCpuList('0-2,5,8-9'), [0, 1, 2, 5, 8, 9]);
  assert.deepEqual(parseCpuList(''), []);
});

test('idle time and time waiting for disks are not work, and cpu1 is not cpu10', () => {
  const stat = 'cpu  9 9 9 9 9 9 9 0 0 0\ncpu10 1 1 1 1 1 1 1 0 0 0\ncpu1 10 20 30 999 999 4 5 0 0 0\n';
  assert.equal(parseBusy(stat, 1), 690_000);
});
