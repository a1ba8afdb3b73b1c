import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Limit } from './limit.ts';
import { counterName } from './name.ts';
import { type Charge, delays, type Outcome, patience, VirtualMachine } from './testing/virtual-machine.ts';
import { VirtualTime } from './testing/virtual-time.ts';

/** An aligned window begins here. */
const epoch = Date.UTC(2026, 0, 5);

const perSecond = (amount: number): Limit => ({
  amount,
  measure: 'calls',
  window: { kind: 'aligned', unit: 'sec', count: 1 },
});

/** Most of them are small, where units are scarce; some are large, where leases are. */
const amount = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 13, max: 400 }),
  fc.integer({ min: 401, max: 4000 }),
);

type Event =
  | { readonly kind: 'calls'; readonly worker: number; readonly number: number; readonly which: number }
  | { readonly kind: 'pass'; readonly millis: number };

const calls = fc.record({
  kind: fc.constant('calls' as const),
  worker: fc.nat(3),
  number: fc.integer({ min: 1, max: 60 }),
  which: fc.nat(2),
});
const pass = fc.record({ kind: fc.constant('pass' as const), millis: fc.double({ min: 0, max: 120, noNaN: true }) });
const schedule = fc.array(fc.oneof({ weight: 3, arbitrary: calls }, { weight: 2, arbitrary: pass }), {
  minLength: 5,
  maxLength: 120,
});

const nameOf = ({ level, limit, key }: Charge) => counterName(level, limit, key);

/** Units admitted of each counter in each of its windows of a second, by the wall clock: the model knows nothing else. */
function countBySecond(outcomes: readonly Outcome[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { charges, verdict, wall } of outcomes) {
    if (verdict === 'refused') continue;
    for (const charge of charges) {
      if (charge.limit.window.kind !== 'aligned') continue;
      const window = `${nameOf(charge)} ${Math.floor(wall / 1000)}`;
      counts.set(window, (counts.get(window) ?? 0) + charge.units);
    }
  }
  return counts;
}

/** What must be admitted of a limit before anybody is refused. */
function least(amount: number): number {
  return amount < 100 ? amount - 1 : amount * 0.99;
}

function settle(machine: VirtualMachine): void {
  machine.time.pass(patience + 50);
  assert.equal(machine.open, 0, 'a call waits without end');
  for (const { came, decided } of machine.outcomes) assert.ok(decided - came <= patience + 1, 'a call waited too long');
}

test('no schedule of calls over several workers admits more than a limit, or refuses calls before it is used up', () => {
  fc.assert(
    fc.property(
      fc.tuple(amount, amount, amount),
      schedule,
      fc.integer({ min: 1, max: 4 }),
      fc.nat(),
      fc.integer({ min: 0, max: 3 }),
      ([one, two, three], events: readonly Event[], workers, seed, slow) => {
        const time = new VirtualTime(epoch);
        const machine = new VirtualMachine(time, { workers, delay: delays(seed, slow) });
        const api: Charge = { level: 'api', limit: perSecond(one), key: 'a', units: 1 };
        const application: Charge = { level: 'application', limit: perSecond(two), key: 'b', units: 1 };
        const other: Charge = { level: 'application', limit: perSecond(three), key: 'c', units: 1 };
        const sets = [[api, application], [application], [api, other]];
        for (const event of events) {
          if (event.kind === 'pass') time.pass(event.millis);
          else for (let i = 0; i < event.number; i++) machine.call(event.worker, sets[event.which] as Charge[]);
        }
        settle(machine);
        const counts = countBySecond(machine.outcomes);
        const used = (charge: Charge, wall: number) => counts.get(`${nameOf(charge)} ${Math.floor(wall / 1000)}`) ?? 0;
        for (const { charges, verdict, at, cause, wall, came, decided } of machine.outcomes) {
          for (const charge of charges) assert.ok(used(charge, wall) <= charge.limit.amount, 'more than the limit');
          if (verdict === 'admitted') continue;
          assert.equal(cause, 'limit');
          const refuser = charges[at] as Charge;
          // One that waited into the next window was refused by one of both.
          const most = Math.max(used(refuser, wall), used(refuser, wall - (decided - came) - 10));
          assert.ok(most >= least(refuser.limit.amount), `refused when ${most} of ${refuser.limit.amount} were used`);
        }
        // Nothing was taken for calls that were refused, and nothing is lost: when all is given back, what is counted is what was admitted.
        machine.close();
        time.pass(20);
        for (const charge of [api, application, other]) {
          const found = machine.authority.find(nameOf(charge));
          if (found) assert.equal(found.used, used(charge, time.clock.epoch()), `counted of ${nameOf(charge)}`);
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('what idle workers hold keeps nobody from the last hundredth of a limit, nor from more than one unit of a small one', () => {
  const windows: Limit['window'][] = [
    { kind: 'aligned', unit: 'day', count: 1 },
    { kind: 'first-call', millis: 60_000 },
  ];
  fc.assert(
    fc.property(
      fc.oneof(
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 100, max: 2000 }),
        fc.integer({ min: 2000, max: 20_000 }),
      ),
      fc.constantFrom(...windows),
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      (amount, window, early, seed) => {
        const time = new VirtualTime(epoch);
        const machine = new VirtualMachine(time, { workers: early.length, delay: delays(seed, 2) });
        const charge: Charge = { level: 'api', limit: { amount, measure: 'calls', window }, key: 'k', units: 1 };
        // Every worker has some calls, and then only the last one has any.
        early.forEach((calls, worker) => {
          for (let i = 0; i < calls; i++) machine.call(worker, [charge]);
          time.pass(20);
        });
        const most = early.reduce((sum, calls) => sum + calls, 0) + amount + 50;
        for (let called = 0; called < most; called += 200) {
          for (let i = 0; i < 200; i++) machine.call(early.length - 1, [charge]);
          time.pass(20);
        }
        settle(machine);
        const used = machine.outcomes.filter(({ verdict }) => verdict === 'admitted').length;
        assert.ok(used <= amount && used >= least(amount), `${used} of ${amount} with ${early.length} workers`);
      },
    ),
    { numRuns: 60 },
  );
});
