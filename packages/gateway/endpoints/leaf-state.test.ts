import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeafEndpoint } from '@sluice/model';
import { leaf, tireless } from '../testing/entities.ts';
import { LeafState } from './leaf-state.ts';
import { type FaultBound, rulesOf, type SuspensionRules } from './suspension.ts';

type Rules = {
  mark?: Partial<SuspensionRules['markForSuspension']>;
  suspend?: Partial<SuspensionRules['suspendOnFailure']>;
  most?: FaultBound;
};

function stateOf({ mark, suspend, most }: Rules = {}): LeafState {
  return new LeafState(
    {
      markForSuspension: { errorCodes: [], retriesBeforeSuspension: 0, retryDelay: 0, ...mark },
      suspendOnFailure: {
        errorCodes: [],
        initialDuration: null,
        maximumDuration: null,
        progressionFactor: 1,
        disabled: false,
        ...suspend,
      },
      most: most ?? null,
    },
    0,
  );
}

test('without rules the first fault of any code suspends for 30 seconds, and an answer ends that', () => {
  for (const code of [101503, 101504, 101507, 500000]) {
    const state = stateOf();
    assert.ok(state.failed(code, 1000));
    assert.deepEqual([state.facts.status, state.facts.retryAt, state.facts.cause], ['suspended', 31_000, code]);
    assert.deepEqual([state.ready(30_999), state.ready(31_000)], [false, true]);
    assert.ok(state.succeeded(31_500));
    assert.deepEqual([state.facts.status, state.ready(31_500)], ['active', true]);
  }
});

test('timeouts are forgiven as often as the rules say, each for the delay of the rules', () => {
  const state = stateOf({ mark: { retriesBeforeSuspension: 2, retryDelay: 100 } });
  state.failed(101504, 0);
  assert.deepEqual([state.facts.status, state.facts.remaining, state.facts.retryAt], ['timeout', 1, 100]);
  state.failed(101505, 100);
  assert.deepEqual([state.facts.status, state.facts.remaining, state.facts.retryAt], ['timeout', 0, 200]);
  state.failed(101504, 200);
  assert.deepEqual([state.facts.status, state.facts.retryAt], ['suspended', 30_200]);
  state.succeeded(30_200);
  assert.equal(state.facts.remaining, 2);
});

test('a code of both lists is a timeout, a code of none changes nothing, and -1 alone takes none', () => {
  const both = stateOf({
    mark: { errorCodes: ['101503'], retriesBeforeSuspension: 1 },
    suspend: { errorCodes: ['101503', '101500'] },
  });
  assert.equal(both.failed(101504, 0), false);
  both.failed(101503, 0);
  assert.equal(both.facts.status, 'timeout');
  const none = stateOf({ mark: { errorCodes: ['-1'] }, suspend: { errorCodes: ['-1'] } });
  assert.deepEqual(
    [101503, 101504, 101508].map((code) => none.failed(code, 0)),
    [false, false, false],
  );
});

test('suspensions grow by the factor, in whole milliseconds, up to the maximum; an initial 0 never grows', () => {
  const state = stateOf({ suspend: { initialDuration: 1001, progressionFactor: 1.5, maximumDuration: 3000 } });
  const lengths = [0, 0, 0, 0].map(() => {
    state.failed(101503, 0);
    return state.facts.lastDuration;
  });
  assert.deepEqual(lengths, [1001, 1501, 2251, 3000]);
  const zero = stateOf({ suspend: { initialDuration: 0, progressionFactor: 2 } });
  for (let i = 0; i < 3; i++) zero.failed(101503, 5);
  assert.deepEqual([zero.facts.status, zero.facts.lastDuration, zero.ready(5)], ['suspended', 0, true]);
  const negative = stateOf({ suspend: { initialDuration: -1 } });
  negative.failed(101503, 0);
  assert.equal(negative.facts.lastDuration, 30_000);
});

test('what is switched off is left alone by answers and faults until it is switched on', () => {
  const state = stateOf();
  state.failed(101503, 0);
  state.switchOff(10);
  assert.deepEqual([state.failed(101503, 20), state.succeeded(30), state.ready(1e9)], [false, false, false]);
  state.switchOn(40);
  assert.deepEqual([state.facts.status, state.facts.lastDuration, state.ready(40)], ['active', 0, true]);
});

test('so many faults in a row suspend for a fixed time, whatever their codes, and an answer begins the row anew', () => {
  const state = stateOf({
    mark: { errorCodes: ['-1'] },
    suspend: { errorCodes: ['-1'] },
    most: { faults: 3, duration: 700 },
  });
  state.failed(101503, 0);
  state.failed(101503, 0);
  assert.equal(state.isSettled, false);
  state.succeeded(0);
  for (const expected of ['active', 'active', 'suspended', 'suspended']) {
    state.failed(101500, 50);
    assert.equal(state.facts.status, expected);
  }
  assert.deepEqual([state.facts.retryAt, state.facts.lastDuration], [750, 700]);
});

test('what the gateway says about suspension holds where an endpoint says nothing, or for all of them', () => {
  const silent = leaf('http://b') as LeafEndpoint;
  const own = { ...silent, suspendOnFailure: { ...silent.suspendOnFailure, initialDuration: 9, progressionFactor: 3 } };
  const options = { duration: 500, factor: 2 };
  const told = (endpoint: LeafEndpoint, overrides: boolean) => {
    const { initialDuration, progressionFactor } = rulesOf(endpoint, false, { ...options, overrides }).suspendOnFailure;
    return [initialDuration, progressionFactor];
  };
  assert.deepEqual(
    [told(silent, false), told(own, false), told(own, true)],
    [
      [500, 2],
      [9, 3],
      [500, 2],
    ],
  );
  const never = { ...silent, ...tireless };
  assert.deepEqual(rulesOf(never, false, { ...options, overrides: true }).suspendOnFailure, tireless.suspendOnFailure);
  const bounds = { alone: { faults: 1, duration: 1 }, member: { faults: 2, duration: 2 } };
  assert.deepEqual([rulesOf(silent, false, bounds).most?.faults, rulesOf(silent, true, bounds).most?.faults], [1, 2]);
});
