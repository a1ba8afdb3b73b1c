import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trend } from './memory-watch.ts';
import { runSoak } from './soak.ts';

test('under mixed load with backends and workers killed every answer is right, every failure explained, and nothing stays behind', async (t) => {
  const report = await runSoak(t, { seconds: 10, seed: 7, workers: 2, say: () => {} });
  t.diagnostic(`${report.calls} calls, faults: ${JSON.stringify([...report.faults])}`);
  assert.deepEqual(report.violations, []);
  const answered = [...report.tallies.values()].reduce((sum, one) => sum + one.answered, 0);
  assert.ok(answered > 200, `${answered} answered calls prove little`);
  for (const fault of ['revision deployed', 'backend killed and restarted', 'worker killed']) {
    assert.ok((report.faults.get(fault) ?? 0) > 0, `no fault: ${fault}`);
  }
});

test('a memory that swings does not count as growing, one that climbs slowly does', () => {
  const samples = (rss: (second: number) => number) =>
    Array.from({ length: 300 }, (_, second) => ({ at: second * 1000, rssMiB: rss(second) }));
  assert.ok(Math.abs(trend(samples((second) => 80 + 20 * Math.sin(second))).growth) < 0.01);
  const { growth, mostMiB } = trend(samples((second) => 80 + second * 0.04));
  assert.ok(Math.abs(growth - 0.15) < 0.01, String(growth));
  assert.ok(mostMiB > 91);
});
