import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Case } from '../cases.ts';
import { holds, verdictsOf } from './budgets.ts';
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
  stolenShare: 0,
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
    summarize('idle', 'nginx', [
      sample(0, 'nginx', 20, { kibPerIdleConnection: 0.6, othersShare: 0.25, stolenShare: 0.021 }),
    ]),
    without('idle', 'other', 'cannot: too many connections'),
  ];
  const text = table('Idle', rows, new Map([['nginx', 'nginx, bare']]));
  assert.match(text, /^nginx, bare +20\.0 +1\.00 +1000 +1\.00 +2\.00 +30 +0\.6$/m);
  assert.match(text, /^other +cannot: too many connections$/m);
  assert.match(text, /up to 25 % of the proxy's processor/);
  assert.match(text, /took a processor away for up to 2\.1 % of the time/);
});

const get = { key: 'get-1k-64', halfLoad: false, idleConnections: 0 } as Case;

test('a budget is held against the cheapest gateway of Node.js, round by round', () => {
  const samples = [1, 2, 3].flatMap((round) => [
    sample(round, 'sluice', 12 * round),
    sample(round, 'nginx', 10 * round),
    sample(round, 'fastify', 60 * round),
    sample(round, 'undici', 20 * round),
  ]);
  const verdicts = verdictsOf(get, [], samples, ['fastify', 'undici', 'http-proxy']);
  assert.deepEqual(
    verdicts.map((one) => [one.budget, one.figure, holds(one)]),
    [
      ['CPU by bare nginx', 1.2, true],
      ['CPU by nginx with key and limit', null, undefined],
      ['CPU by HAProxy with key and limit', null, undefined],
      ['CPU by the best Node gateway (undici)', 0.6, false],
    ],
  );
});

test('what was not measured is neither kept nor broken, but what Sluice could not do is broken', () => {
  const half = { ...get, halfLoad: true, key: 'half-load' };
  assert.ok(verdictsOf(half, [], [], ['undici']).every((one) => holds(one) === undefined));
  const rows = [without('half-load', 'sluice', 'failed: 3 of 10 calls broke off')];
  assert.ok(verdictsOf(half, rows, [], ['undici']).every((one) => holds(one) === false));
});

test('one dear round and one cheap one do not decide on a budget of a few percent', () => {
  const endpoints = { ...get, key: 'endpoints', deployment: 'endpoints' } as Case;
  const samples = [
    ...[80, 30, 40].map((micros, round) => sample(round, 'sluice', micros)),
    ...[41, 90, 41].map((micros, round) => sample(round, 'sluice-failover', micros)),
    ...[50, 80].map((micros, round) => sample(round, 'sluice-timeless', micros)),
    ...[55, 90].map((micros, round) => sample(round, 'sluice-deadlines', micros)),
  ];
  const judged = (found: readonly Sample[]) =>
    verdictsOf(endpoints, [], found, []).map((one) => [one.figure && Math.round(one.figure * 10) / 10, holds(one)]);
  assert.deepEqual(judged(samples), [
    [2.5, true],
    [11.3, false],
  ]);
  assert.deepEqual(judged(samples.slice(0, 6))[1], [null, false]);
});
