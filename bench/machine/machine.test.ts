import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCpuList } from './cores.ts';
import { parseProcessorTime } from './processor.ts';

test('ranges and single processors of the kernel list are all found', () => {
  assert.deepEqual(parseCpuList('0-2,5,8-9'), [0, 1, 2, 5, 8, 9]);
  assert.deepEqual(parseCpuList(''), []);
});

test('idle time, time waiting for disks and what the host took are not work, and cpu1 is not cpu10', () => {
  const stat = 'cpu  9 9 9 9 9 9 9 0 0 0\ncpu10 1 1 1 1 1 1 1 1 0 0\ncpu1 10 20 30 999 999 4 5 7 0 0\n';
  assert.deepEqual(parseProcessorTime(stat, 1), { busyMicros: 690_000, stolenMicros: 70_000 });
});
