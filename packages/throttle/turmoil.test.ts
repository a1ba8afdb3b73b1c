import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Limit } from './limit.ts';
import { counterName } from './name.ts';
import { type Charge, delays, patience, VirtualMachine } from './testing/virtual-machine.ts';
import { VirtualTime } from './testing/virtual-time.ts';

const epoch = Date.UTC(2026, 0, 31, 23, 59, 58);

/** The steps of a schedule: the calls are those of everyday, the others what goes wrong. */
type Event =
  | { readonly kind: 'calls'; readonly worker: number; readonly number: number; readonly units: number }
  | { readonly kind: 'pass'; readonly millis: number }
  | { readonly kind: 'crash'; readonly worker: number }
  | { readonly kind: 'away'; readonly millis: number }
  | { readonly kind: 'amount'; readonly amount: number }
  | { readonly kind: 'step'; readonly millis: number };

const amount = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 31, max: 3000 }));

function schedules(withSteps: boolean): fc.Arbitrary<Event[]> {
  const worker = fc.nat(3);
  const calls = fc.record({
    kind: fc.constant('calls' as const),
    worker,
    number: fc.integer({ min: 1, max: 60 }),
    units: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(50) }),
  });
  const millis = fc.double({ min: 0, max: 400, noNaN: true });
  const step = fc.integer({ min: -5000, max: 5000 });
  return fc.array(
    fc.oneof(
      { weight: 8, arbitrary: calls },
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('pass' as const), millis }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), worker }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('away' as const), millis }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('amount' as const), amount }) },
      { weight: withSteps ? 1 : 0, arbitrary: fc.record({ kind: fc.constant('step' as const), millis: step }) },
    ),
    { minLength: 5, maxLength: 100 },
  );
}

/** Plays a schedule; what one counter admitted, and what amounts were in force, by time. */
function play(events: readonly Event[], window: Limit['window'], first: number, workers: number, seed: number) {
  const time = new VirtualTime(epoch);
  const machine = new VirtualMachine(time, { workers, delay: delays(seed, 3) });
  const amounts = [{ since: time.now, wall: time.clock.epoch(), amount: first }];
  const began = time.now;
  let [steps, charge] = [
    0,
    { level: 'api', limit: { amount: first, measure: 'calls', window }, key: 'k', units: 1 } as Charge,
  ];
  for (const event of events) {
    switch (event.kind) {
      case 'calls':
        for (let i = 0; i < event.number; i++) machine.call(event.worker, [{ ...charge, units: event.units }]);
        break;
      case 'pass':
        time.pass(event.millis);
        break;
      case 'crash':
        machine.crash(event.worker);
        break;
      case 'away':
        machine.pause();
        time.pass(event.millis);
        machine.resume();
        break;
      case 'amount':
        charge = { ...charge, limit: { ...charge.limit, amount: event.amount } };
        amounts.push({ since: time.now, wall: time.clock.epoch(), amount: event.amount });
        break;
      case 'step':
        steps++;
        time.step(event.millis);
    }
  }
  time.pass(patience + 50);
  assert.equal(machine.open, 0, 'a call waits without end');
  for (const { came, decided } of machine.outcomes) assert.ok(decided - came <= patience + 1, 'a call waited too long');
  const admitted = machine.outcomes.flatMap(({ verdict, charges, decided, wall }) =>
    verdict === 'admitted' ? [{ units: charges[0]?.units ?? 0, decided, wall }] : [],
  );
  return { machine, admitted, amounts, steps, began, time, name: counterName('api', charge.limit, 'k') };
}

test('crashes, pauses and other limits never let a window of the wall clock exceed the largest limit it had', () => {
  fc.assert(
    fc.property(schedules(false), amount, fc.integer({ min: 1, max: 4 }), fc.nat(), (events, first, workers, seed) => {
      const { admitted, amounts } = play(events, { kind: 'aligned', unit: 'sec', count: 1 }, first, workers, seed);
      const used = new Map<number, number>();
      for (const { wall, units } of admitted) {
        const second = Math.floor(wall / 1000);
        used.set(second, (used.get(second) ?? 0) + units);
      }
      for (const [second, units] of used) {
        const inForce = amounts.filter(
          ({ wall }, place) =>
            wall < (second + 1) * 1000 && (amounts[place + 1]?.wall ?? Infinity) >= second * 1000 - patience,
        );
        assert.ok(units <= Math.max(...inForce.map((each) => each.amount)), `${units} admitted in one second`);
      }
    }),
    { numRuns: 150 },
  );
});

test('a clock that is put forward and back gives no more windows than time has passed and steps were taken', () => {
  fc.assert(
    fc.property(schedules(true), amount, fc.integer({ min: 1, max: 4 }), fc.nat(), (all, first, workers, seed) => {
      const events = all.filter(({ kind }) => kind !== 'amount');
      const { admitted, steps, began, time } = play(
        events,
        { kind: 'aligned', unit: 'sec', count: 1 },
        first,
        workers,
        seed,
      );
      const windows = Math.floor((time.now - began) / 1000) + 2 + steps;
      const units = admitted.reduce((sum, each) => sum + each.units, 0);
      assert.ok(units <= first * windows, `${units} admitted in ${windows} windows`);
    }),
    { numRuns: 150 },
  );
});

test('a window from the first call admits no more than its limit, whatever the wall clock says', () => {
  fc.assert(
    fc.property(schedules(true), amount, fc.integer({ min: 1, max: 4 }), fc.nat(), (all, first, workers, seed) => {
      const events = all.filter(({ kind }) => kind !== 'amount');
      const { admitted, machine, name } = play(events, { kind: 'first-call', millis: 1000 }, first, workers, seed);
      // Its windows as the authority told them: each grant says when it ends.
      const ends = new Map<number, number>();
      for (const { at, lease } of machine.leases) {
        if (lease.counter !== name || lease.endsIn <= 0) continue;
        const before = ends.get(lease.window);
        assert.ok(before === undefined || Math.abs(before - at - lease.endsIn) < 0.01, 'a window has two ends');
        ends.set(lease.window, at + lease.endsIn);
      }
      const windows = [...ends.values()].sort((one, other) => one - other);
      windows.forEach((end, place) => {
        assert.ok(place === 0 || end - 1000 >= (windows[place - 1] as number) - 0.01, 'two windows overlap');
        const inIt = admitted.filter(({ decided }) => decided >= end - 1000 && decided < end);
        const units = inIt.reduce((sum, each) => sum + each.units, 0);
        assert.ok(units <= first, `${units} admitted of ${first}`);
      });
      const outside = admitted.filter(({ decided }) => !windows.some((end) => decided >= end - 1000 && decided < end));
      assert.deepEqual(outside, [], 'calls were admitted while no window was open');
    }),
    { numRuns: 150 },
  );
});
