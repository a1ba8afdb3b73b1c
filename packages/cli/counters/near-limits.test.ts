import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, type LogFields, silentLog } from '@sluice/model';
import { counterName, type Lease, type Limit } from '@sluice/throttle';
import { NearLimits } from './near-limits.ts';

const perMinute: Limit = { amount: 100, measure: 'calls', window: { kind: 'aligned', unit: 'min', count: 1 } };
const perSecond: Limit = { amount: 10, measure: 'calls', window: { kind: 'first-call', millis: 1000 } };

/** What is told, with a clock that is set by hand. */
function listener() {
  const time = { now: 1_700_000_000_000 };
  const logged: [level: string, message: string, fields: LogFields | undefined][] = [];
  const events: Record<string, unknown>[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) => void logged.push([level, message, fields]);
  const log: Log = { ...silentLog, info: at('info'), warn: at('warn') };
  const near = new NearLimits(
    log,
    (line) => events.push(JSON.parse(line)),
    () => time.now,
  );
  /** The authority says that so many units are left. */
  const hear = (limit: Limit, left: number, members: Partial<Lease> & { key?: string } = {}) => {
    const { key = 'mary', ...rest } = members;
    const counter = counterName('subscription', limit, key);
    const request = { counter, limit, needed: 1, owed: 0, returned: 0, window: 0 };
    const lease: Lease = { counter, window: 1, units: 1, left, endsIn: 30_000, outcome: 'granted', ...rest };
    near.noteAll([request], [lease]);
  };
  return { near, hear, logged, events, time };
}

test('four fifths and the whole are told once for each window, and again in the next one', () => {
  const { hear, logged, events, near, time } = listener();
  for (const left of [100, 50, 21, 20, 10, 1, 0, 0, 5, 0]) hear(perMinute, left);
  assert.deepEqual(
    logged.map(([level, message]) => [level, message]),
    [
      ['info', 'a limit is nearly reached'],
      ['warn', 'a limit is reached'],
    ],
  );
  assert.deepEqual(events[0], {
    ...{ time: '2023-11-14T22:13:20.000Z', event: 'limit-near', level: 'subscription', key: 'mary' },
    ...{ counter: 'subscription/calls/1min/mary', used: 80, limit: 100, measure: 'calls' },
    nextReset: '2023-11-14T22:13:50.000Z',
  });
  assert.equal(events[1]?.event, 'limit-reached');
  time.now += 60_000;
  hear(perMinute, 0, { window: 2, outcome: 'exhausted' });
  assert.equal(events.length, 3);
  assert.deepEqual([...near.counts], [['subscription', { near: 1, reached: 2 }]]);
});

test('a counter that was reset is told of again in the same window', () => {
  const { hear, near, events } = listener();
  hear(perMinute, 0);
  near.forget(counterName('subscription', perMinute, 'mary'));
  hear(perMinute, 0);
  assert.equal(events.length, 2);
});

test('windows of a second do not fill the log: each counter has a line a minute, and the metric counts all', () => {
  const { hear, logged, near, time } = listener();
  for (let second = 0; second < 120; second++) {
    hear(perSecond, 0, { window: second });
    time.now += 1000;
  }
  assert.equal(logged.length, 2);
  assert.equal(near.counts.get('subscription')?.reached, 120);
});

test('a thousand callers at their limits have a bounded number of lines, and the rest is counted', () => {
  const { hear, logged, events, time } = listener();
  for (let caller = 0; caller < 1000; caller++) hear(perMinute, 0, { key: `caller ${caller}` });
  assert.deepEqual([logged.length, events.length], [30, 600]);
  time.now += 60_000;
  hear(perMinute, 0, { window: 2, key: 'one more' });
  assert.deepEqual(logged[30]?.slice(1), [
    'more limits were reached or nearly reached than are named',
    { counters: 970 },
  ]);
  assert.equal(logged.length, 32);
});

test('what nobody could ask about, and limits of nothing, are no events', () => {
  const { hear, logged } = listener();
  hear(perMinute, 0, { outcome: 'away' });
  hear(perMinute, 0, { outcome: 'unbounded' });
  hear({ ...perMinute, amount: 0 }, 0, { outcome: 'exhausted' });
  assert.deepEqual(logged, []);
});

test('a counter that is at its limit is not forgotten for those that come after it while there is room', () => {
  const { hear, near } = listener();
  for (let caller = 0; caller < 10_000; caller++) hear(perMinute, 0, { key: `caller ${caller}` });
  hear(perMinute, 0, { key: 'caller 0' });
  assert.equal(near.counts.get('subscription')?.reached, 10_000);
});
