import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lease, LeaseRequest, Pool } from '../authority.ts';
import type { Limit } from '../limit.ts';
import { counterName } from '../name.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { MachineAuthority } from './authority.ts';
import type { Connection } from './connection.ts';

const midnight = Date.UTC(2026, 0, 5);
const perMinute = (amount: number): Limit => ({
  amount,
  measure: 'calls',
  window: { kind: 'aligned', unit: 'min', count: 1 },
});
const burst: Limit = { amount: 5, measure: 'calls', window: { kind: 'first-call', millis: 1000 } };

function ask(connection: Connection, limit: Limit, wish: Partial<LeaseRequest>): Lease {
  const leases: Lease[] = [];
  const request = {
    counter: counterName('api', limit, 'k'),
    limit,
    needed: 0,
    owed: 0,
    returned: 0,
    window: 0,
    ...wish,
  };
  connection.request([request], (answered) => leases.push(...answered));
  assert.equal(leases.length, 1);
  return leases[0] as Lease;
}

test('leases are small beside the limit and the number of workers, and smaller near the end', () => {
  const time = new VirtualTime(midnight);
  const authority = new MachineAuthority({ clock: time.clock });
  const [one, two] = [authority.connect('one'), authority.connect('two')];
  const limit = perMinute(16_000);
  assert.equal(ask(one, limit, {}).units, 50);
  assert.equal(ask(two, limit, { needed: 30 }).units, 80);
  const { left } = ask(one, limit, { needed: 15_800 });
  assert.ok(left > 0 && left < 70, String(left));
  assert.ok(ask(two, limit, {}).units < 18);
});

test('a small limit is granted exactly as it is needed, and not ahead', () => {
  const time = new VirtualTime(midnight);
  const one = new MachineAuthority({ clock: time.clock }).connect('one');
  const limit = perMinute(20);
  assert.equal(ask(one, limit, {}).units, 0);
  assert.deepEqual([ask(one, limit, { needed: 3 }).units, ask(one, limit, { needed: 30 }).units], [3, 17]);
});

test('nobody is told that a window is exhausted while another worker may still give units back', () => {
  const time = new VirtualTime(midnight);
  const authority = new MachineAuthority({ clock: time.clock });
  const [one, two] = [authority.connect('one'), authority.connect('two')];
  const limit = perMinute(1);
  const { window } = ask(one, limit, { needed: 1 });
  assert.equal(ask(two, limit, { needed: 1 }).outcome, 'pending');
  ask(one, limit, { returned: 1, window });
  assert.deepEqual(ask(two, limit, { needed: 1 }).units, 1);
  two.request([], () => {});
  assert.equal(ask(one, limit, { needed: 1 }).outcome, 'exhausted');
});

test('a worker that has become silent, or died, is not waited for', () => {
  const time = new VirtualTime(midnight);
  const authority = new MachineAuthority({ clock: time.clock });
  const [one, two] = [authority.connect('one'), authority.connect('two')];
  const limit = perMinute(1);
  ask(one, limit, { needed: 1 });
  assert.equal(ask(two, limit, { needed: 1 }).outcome, 'pending');
  time.pass(300);
  assert.equal(ask(two, limit, { needed: 1 }).outcome, 'exhausted');
  time.pass(60_000);
  ask(one, limit, { needed: 1 });
  one.close(true);
  // What it held counts as spent.
  assert.deepEqual(ask(two, limit, { needed: 1 }).outcome, 'exhausted');
});

test('units of a window that is over come back to no later one, and what is owed of it is not charged to a later one', () => {
  const time = new VirtualTime(midnight);
  const one = new MachineAuthority({ clock: time.clock }).connect('one');
  const { window } = ask(one, perMinute(10), { needed: 4 });
  time.pass(60_000);
  assert.equal(ask(one, perMinute(10), { needed: 6 }).left, 4);
  assert.equal(ask(one, perMinute(10), { returned: 4, window }).left, 4);
  assert.equal(ask(one, perMinute(10), { owed: 4, window }).left, 4);
  assert.equal(ask(one, perMinute(10), { owed: 4, window: 0 }).left, 0);
});

test('a window from the first call lasts its time from then on, under a new number each time', () => {
  const time = new VirtualTime(midnight + 300);
  const one = new MachineAuthority({ clock: time.clock }).connect('one');
  const first = ask(one, burst, { needed: 5 });
  assert.equal(first.endsIn, 1000);
  time.pass(999);
  assert.equal(ask(one, burst, { needed: 1 }).units, 0);
  time.pass(1);
  // However the wall clock is put.
  time.step(-3_600_000);
  const second = ask(one, burst, { needed: 1 });
  assert.ok(second.window > first.window && second.units === 1);
});

test('operators see windows with what each worker was granted, and can reset one', () => {
  const time = new VirtualTime(midnight);
  const authority = new MachineAuthority({ clock: time.clock });
  const [one, two] = [authority.connect('one'), authority.connect('two')];
  const forgotten: string[] = [];
  one.watch?.((counter) => forgotten.push(counter));
  ask(one, perMinute(10), { needed: 4 });
  ask(two, perMinute(10), { needed: 2 });
  two.close(true);
  ask(one, burst, { needed: 1 });
  const name = counterName('api', perMinute(10), 'k');
  assert.deepEqual(
    Array.from(authority.windows(), ({ counter, used, holders }) => [counter, used, holders]),
    [
      [
        name,
        6,
        [
          { name: 'processes that ended', units: 2 },
          { name: 'one', units: 4 },
        ],
      ],
      [counterName('api', burst, 'k'), 1, [{ name: 'one', units: 1 }]],
    ],
  );
  const endsAt = authority.find(name)?.endsAt ?? 0;
  assert.ok(Math.abs(endsAt - midnight - 60_000) < 1, String(endsAt));
  assert.equal(authority.reset(name), true);
  assert.deepEqual(forgotten, [name]);
  assert.equal(authority.find(name)?.used, 0);
  assert.equal(authority.reset('api/calls/1min/nobody'), false);
  time.pass(60_000);
  assert.deepEqual([...authority.windows()], []);
});

test('what processes held that have ended is kept together, however many there were', () => {
  const time = new VirtualTime(midnight);
  const authority = new MachineAuthority({ clock: time.clock });
  const limit = perMinute(310);
  for (let worker = 0; worker < 100; worker++) {
    const connection = authority.connect(`worker ${worker}`);
    ask(connection, limit, { needed: 3 });
    connection.close(worker % 2 === 0);
    connection.close(true);
  }
  ask(authority.connect('worker'), limit, { needed: 3 });
  const { used = 0, holders = [] } = authority.find(counterName('api', limit, 'k')) ?? {};
  assert.deepEqual(
    holders.map(({ name }) => name),
    ['processes that ended', 'worker'],
  );
  assert.deepEqual([used, holders[0]?.units], [303, 300]);
});

test('units of before a reset do not come back after it, not even by way of a pool', () => {
  for (const pool of [undefined, new Portions(1000, 0)]) {
    const time = new VirtualTime(midnight);
    const authority = new MachineAuthority({ clock: time.clock, ...(pool ? { pool } : {}) });
    const [one, two] = [authority.connect('one'), authority.connect('two')];
    const limit = perMinute(10);
    const name = counterName('api', limit, 'k');
    const { window } = ask(one, limit, { needed: 6 });
    authority.reset(name);
    ask(two, limit, { needed: 7 });
    // It was on its way.
    ask(one, limit, { returned: 6, window });
    assert.equal(authority.find(name)?.used, 7);
    if (pool) assert.equal(pool.left, 1000 - 7);
  }
});

test('open windows go on after a restart; those that ended meanwhile do not', () => {
  const time = new VirtualTime(midnight);
  const before = new MachineAuthority({ clock: time.clock });
  const old = before.connect('one');
  const last = ask(old, burst, { needed: 2 });
  ask(old, perMinute(10), { needed: 8 });
  const kept = [...before.windows()];
  const restarted = (millis: number) => {
    time.pass(millis);
    const authority = new MachineAuthority({ clock: time.clock });
    authority.restore(kept);
    return authority.connect('one');
  };
  const soon = restarted(500);
  assert.equal(ask(soon, burst, { needed: 9 }).units, 3);
  assert.equal(ask(soon, perMinute(10), { needed: 9 }).units, 2);
  const later = restarted(10_000);
  const next = ask(later, burst, { needed: 9 });
  assert.ok(next.units === 5 && next.window > last.window);
  assert.equal(ask(restarted(60_000), perMinute(10), { needed: 9 }).units, 9);
});

/** A pool with so many units of everything, in portions. */
class Portions implements Pool {
  left: number;
  readonly spent: number[] = [];
  readonly #portion: number;
  readonly #whole: number;

  constructor(left: number, portion: number) {
    this.left = left;
    this.#portion = portion;
    this.#whole = left;
  }

  reset(): void {
    this.left = this.#whole;
  }

  request(batch: readonly (LeaseRequest & { readonly spent: number })[], answer: (leases: readonly Lease[]) => void) {
    for (const { counter, needed, returned, owed, spent } of batch) {
      this.spent.push(spent);
      this.left += returned - owed;
      const units = returned + owed > 0 && needed === 0 ? 0 : Math.min(this.left, Math.max(needed, this.#portion));
      this.left -= units;
      const outcome = units < needed ? 'exhausted' : 'granted';
      answer([{ counter, window: 3, units, left: this.left, endsIn: 30_000, outcome }]);
    }
  }
}

test('of what a pool gives a worker gets its part, and the rest goes back to the pool', () => {
  const time = new VirtualTime(midnight);
  const pool = new Portions(1000, 100);
  const authority = new MachineAuthority({ clock: time.clock, pool });
  const [one, two] = [authority.connect('one'), authority.connect('two')];
  const limit = perMinute(1000);
  const lease = ask(one, limit, { needed: 2 });
  assert.deepEqual([lease.units, lease.window, lease.endsIn, lease.left], [5, 3, 30_000, 995]);
  assert.equal(pool.left, 995);
  assert.equal(ask(two, limit, { needed: 995 }).units, 995);
  // What the machine has spent is told with each request.
  assert.equal(ask(one, limit, { needed: 4 }).outcome, 'pending');
  assert.equal(pool.spent.at(-1), 1000);
  two.close(true);
  assert.equal(ask(one, limit, { needed: 4 }).outcome, 'exhausted');
  assert.equal(authority.find(counterName('api', limit, 'k'))?.used, 1000);
});

/** A pool whose answers come when they are told to. */
class Slow implements Pool {
  readonly answers: ((lease: Partial<Lease>) => void)[] = [];
  readonly returned: number[] = [];

  reset(): void {}

  request(batch: readonly (LeaseRequest & { readonly spent: number })[], answer: (leases: readonly Lease[]) => void) {
    for (const { counter, needed, returned } of batch) {
      this.returned.push(returned);
      const usual: Lease = { counter, window: 3, units: needed, left: 900, endsIn: 30_000, outcome: 'granted' };
      this.answers.push((lease) => answer([{ ...usual, ...lease }]));
    }
  }
}

test('what a pool gives a process that has ended meanwhile goes back to the pool', () => {
  const pool = new Slow();
  const authority = new MachineAuthority({ clock: new VirtualTime(midnight).clock, pool });
  const one = authority.connect('one');
  const limit = perMinute(1000);
  one.request(
    [{ counter: counterName('api', limit, 'k'), limit, needed: 4, owed: 0, returned: 0, window: 0 }],
    () => {},
  );
  one.close(true);
  pool.answers[0]?.({ units: 20 });
  assert.deepEqual(pool.returned, [0, 20]);
  assert.equal(authority.find(counterName('api', limit, 'k'))?.used, 0);
});

test('a process that names a counter twice gets an answer to each, and one about a closed window counts for no other', () => {
  const pool = new Slow();
  const authority = new MachineAuthority({ clock: new VirtualTime(midnight).clock, pool });
  const one = authority.connect('one');
  const limit = perMinute(1000);
  const counter = counterName('api', limit, 'k');
  const request = { counter, limit, needed: 2, owed: 0, returned: 0, window: 0 };
  const got: Lease[] = [];
  one.request([request, request], (leases) => got.push(...leases));
  pool.answers[0]?.({ window: 4 });
  pool.answers[1]?.({});
  assert.deepEqual(
    got.map(({ window }) => window),
    [4, 3],
  );
  assert.deepEqual([authority.find(counter)?.window, authority.find(counter)?.used], [4, 2]);
});
