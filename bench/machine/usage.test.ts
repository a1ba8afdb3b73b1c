import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStat, processTree, usageOf } from './usage.ts';

const stat = (pid: number, name: string, parent: number, ...times: readonly [number, number, number, number]) =>
  `${pid} (${name}) S ${parent} ${pid} ${pid} 0 -1 4194560 1 0 0 0 ${times.join(' ')} 20 0 1 0 5 1000 200`;

test('a command name with blanks and parentheses shifts no field', () => {
  assert.deepEqual(parseStat(stat(42, 'nginx: a) S 7 (b', 7, 10, 20, 3, 4)), {
    pid: 42,
    parent: 7,
    cpuMicros: 370_000,
  });
});

test('workers of workers count, neighbours do not', () => {
  const one = (pid: number, parent: number) => ({ pid, parent, cpuMicros: 0 });
  const all = [one(1, 0), one(30, 20), one(10, 1), one(20, 10), one(11, 1)];
  assert.deepEqual(
    processTree(all, 10).map(({ pid }) => pid),
    [10, 20, 30],
  );
});

test('a process that is gone has no usage of zero', () => {
  assert.ok(usageOf(process.pid).rssBytes > 1024 * 1024);
  assert.throws(() => usageOf(2 ** 30), /is gone/);
});
