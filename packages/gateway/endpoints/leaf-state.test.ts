import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeafState, type SuspensionRules } from './leaf-state.ts';

type Rules = {
  mark?: Partial<SuspensionRules['markForSuspension']>;
  suspend?: Partial<SuspensionRules['suspendOnFailure']>;
};

function stateOf({ mark, suspend }: Rules = {}): LeafState {
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
