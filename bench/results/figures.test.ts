import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, type Sample, summarize, without } from './figures.ts';
import { table } from './table.ts';

const sample = (round: number, proxy: string, cpuMicrosPerRequest: number, more: Partial<Sample> = {}): Sample => ({
  round,
  proxy,
  cpuMicrosPerRequest,
  requestsPerSecond: 1000,
  p50Millis: 1,
  p99Millis: 2,
  rssMiB: 30,
  othersShare: 0,
  ...more,
});

test('one wild round does not move the median', () => {
  assert.equal(median([3, 1000, 1]), 3);
  assert.equal(median([4, 1, 2, 1000]), 3);
  assert.throws(() => median([]));
});

test('a ratio compares with nginx in the same round, not with the median of nginx', () => {
  const samples = [
    ...[10, 20, 40].map((micros, round) => sample(round, 'nginx', micros)),
    ...[30, 40, 40].map((micros, round) => sample(round, 'other', micros)),
  ];
  const row = summarize('get', 'other', samples);
  assert.equal(row.cpuMicrosPerRequest, 40);
  assert.equal(row.ratioToNginx, 2);
  assert.equal(summarize('get', 'nginx', samples).ratioToNginx, 1);
});

test('without nginx there is no ratio rather than a wrong one', () => {
  assert.equal(summarize('get', 'other', [sample(0, 'other', 5)]).ratioToNginx, null);
});

test('a program without figures keeps its line and its reason', () => {
  const rows = [
    summarize('idle', 'nginx', [sample(0, 'nginx', 20, { kibPerIdleConnection: 0.6, othersShare: 0.25 })]),
    without('idle', 'other', 'cannot: too many connections'),
  ];
  const text = table('Idle', rows, new Map([['nginx', 'nginx, bare']]));
  assert.match(text, /^nginx, bare +20\.0 +1\.00 +1000 +1\.00 +2\.00 +30 +0\.6$/m);
  assert.match(text, /^other +cannot: too many connections$/m);
  assert.match(text, /up to 25 % of the proxy's processor/);
});
