import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Attempts, type AttemptsUser } from './attempts.ts';

interface Begun {
  readonly address: string;
  readonly done: (error: string | null, handle: string) => void;
  cancelled: boolean;
  settled: boolean;
}

/** Notes everything; what becomes of an attempt is up to the test. */
class Recorder implements AttemptsUser<string> {
  readonly begun: Begun[] = [];
  readonly refusals: string[] = [];
  result: { handle: string } | { refusals: readonly string[] } | null = null;
  more = false;

  connect(address: string, done: Begun['done']) {
    const one: Begun = { address, done, cancelled: false, settled: false };
    this.begun.push(one);
    return {
      cancel: () => {
        assert.ok(!one.settled, 'an attempt that was over is cancelled');
        one.cancelled = true;
      },
    };
  }

  attempting(more: boolean): void {
    this.more = more;
  }

  refused(address: string): void {
    this.refusals.push(address);
  }

  connected(handle: string): void {
    assert.equal(this.result, null, 'told twice');
    this.result = { handle };
  }

  exhausted(refusals: readonly string[]): void {
    assert.equal(this.result, null, 'told twice');
    this.result = { refusals };
  }

  get running(): Begun[] {
    return this.begun.filter(({ cancelled, settled }) => !cancelled && !settled);
  }

  settle(index: number, error: string | null): void {
    const one = this.running[index % this.running.length] as Begun;
    one.settled = true;
    one.done(error, one.address);
  }
}

function setUp(count: number) {
  const recorder = new Recorder();
  const attempts = new Attempts(
    Array.from({ length: count }, (_, index) => `10.0.0.${index}`),
    recorder,
  );
  attempts.start();
  return { recorder, attempts };
}

test('whatever the addresses do, exactly one result comes, every address is tried at most once, and nothing is left open', () => {
  const step = fc.record({ kind: fc.constantFrom('refuse', 'connect', 'hurry', 'cancel'), which: fc.nat() });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 30 }), (count, steps) => {
      const { recorder, attempts } = setUp(count);
      let cancelled = false;
      for (const { kind, which } of steps) {
        const over = recorder.result !== null || cancelled;
        if (over) assert.equal(recorder.running.length, 0, 'an attempt outlives the result');
        if (kind === 'hurry') attempts.hurry();
        else if (kind === 'cancel') {
          attempts.cancel();
          cancelled = true;
        } else if (recorder.running.length > 0) recorder.settle(which, kind === 'connect' ? null : 'ECONNREFUSED');
        if (cancelled) continue;
        const addresses = recorder.begun.map(({ address }) => address);
        assert.equal(new Set(addresses).size, addresses.length);
        assert.ok(addresses.length <= Math.min(count, 6));
        assert.equal(recorder.more, addresses.length < Math.min(count, 6));
        if (recorder.result === null) assert.ok(recorder.running.length > 0, 'nothing is under way');
        else if ('refusals' in recorder.result) assert.equal(recorder.result.refusals.length, Math.min(count, 6));
      }
    }),
    { numRuns: 500 },
  );
});

test('a refusal leads to the next address at once, and every address is named in the end', () => {
  const { recorder, attempts } = setUp(3);
  for (const error of ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH']) recorder.settle(0, error);
  assert.deepEqual(recorder.result, { refusals: ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH'] });
  assert.equal(attempts.report, '10.0.0.0 (ECONNREFUSED), 10.0.0.1 (ENETUNREACH), 10.0.0.2 (EHOSTUNREACH)');
});

test('an address that swallows everything is overtaken, and let go when another one answers', () => {
  const { recorder, attempts } = setUp(3);
  attempts.hurry();
  assert.equal(attempts.report, '10.0.0.0 (no answer), 10.0.0.1 (no answer), and 1 more not tried');
  recorder.settle(1, null);
  assert.deepEqual(recorder.result, { handle: '10.0.0.1' });
  assert.ok(recorder.begun[0]?.cancelled);
});

test('a name with a hundred addresses is not tried a hundred times', () => {
  const { recorder, attempts } = setUp(100);
  for (let i = 0; i < 6; i++) recorder.settle(0, 'ECONNREFUSED');
  assert.ok(recorder.result !== null);
  assert.match(attempts.report, /and 94 more not tried$/);
});
