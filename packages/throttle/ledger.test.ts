import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Authority, Lease, LeaseRequest } from './authority.ts';
import { Charges } from './charges.ts';
import { Ledger, type LedgerOptions } from './ledger.ts';
import type { Limit } from './limit.ts';
import { MachineAuthority } from './machine/authority.ts';
import { counterName } from './name.ts';
import { VirtualTime } from './testing/virtual-time.ts';

const perMinute = (amount: number, measure: Limit['measure'] = 'calls'): Limit => ({
  amount,
  measure,
  window: { kind: 'aligned', unit: 'min', count: 1 },
});

/** An authority that answers when it is told to. */
class Scripted implements Authority {
  readonly asked: { readonly batch: readonly LeaseRequest[]; readonly answer: (leases: readonly Lease[]) => void }[] =
    [];

  request(batch: readonly LeaseRequest[], answer: (leases: readonly Lease[]) => void): void {
    this.asked.push({ batch, answer });
  }

  answer(...leases: Partial<Lease>[]): void {
    const { batch, answer } = this.asked.at(-1) as (typeof this.asked)[number];
    answer(
      batch.map(({ counter, needed }, place) => {
        return { counter, window: 7, units: needed, left: 0, endsIn: 60_000, outcome: 'granted', ...leases[place] };
      }),
    );
  }
}

function setUp(fail: LedgerOptions['fail'] = 'closed') {
  const time = new VirtualTime(Date.UTC(2026, 0, 5));
  const authority = new Scripted();
  const ledger = new Ledger({ authority, clock: time.clock, patience: 100, fail });
  const resumed: string[] = [];
  /** Makes a call; what it said at once. Later verdicts come to `resumed`. */
  const call = (...charges: Parameters<Charges['add']>[]) => {
    const list = new Charges();
    for (const charge of charges) list.add(...charge);
    const verdict = ledger.take(list, time.clock.epoch());
    if (verdict !== 'waiting') return { verdict, list, parked: undefined };
    const parked = ledger.wait(list, (late, { at, cause, passed }) => {
      resumed.push(`${late} ${late === 'refused' ? `${at} ${cause}` : passed}`);
    });
    return { verdict, list, parked };
  };
  return { time, authority, ledger, resumed, call };
}

test('calls of one turn are asked for in one batch, and what is exhausted is not asked for again', () => {
  const { time, authority, ledger, resumed, call } = setUp();
  const [one, two] = [ledger.counter('api', perMinute(3), 'a'), ledger.counter('api', perMinute(3), 'b')];
  for (let i = 0; i < 4; i++) call([one, 1]);
  call([two, 1]);
  time.pass(1);
  assert.deepEqual(
    authority.asked.map(({ batch }) => batch.map(({ needed }) => needed)),
    [[4, 1]],
  );
  authority.answer({ units: 3, outcome: 'exhausted' }, {});
  assert.deepEqual(resumed, ['admitted -1', 'admitted -1', 'admitted -1', 'refused 0 limit', 'admitted -1']);
  time.pass(1);
  // That the answer was worked off.
  assert.deepEqual(authority.asked.at(-1)?.batch, []);
  authority.answer();
  time.pass(1000);
  const before = authority.asked.length;
  assert.equal(call([one, 1]).verdict, 'refused');
  time.pass(1);
  assert.equal(authority.asked.length, before);
  // The next window is another matter.
  time.pass(60_000);
  assert.equal(call([one, 1]).verdict, 'waiting');
});

test('a lease that comes after its window has ended is void', () => {
  const { time, authority, ledger, resumed, call } = setUp();
  const counter = ledger.counter('api', perMinute(3), 'a');
  time.pass(59_950);
  call([counter, 1]);
  time.pass(60);
  authority.answer({ units: 3, endsIn: 50 });
  assert.deepEqual(resumed, []);
  time.pass(1);
  authority.answer({ window: 8 });
  assert.deepEqual(resumed, ['admitted -1']);
});

test('a clock that is put back gives no lease a longer life, and one that is put forward ends it', () => {
  for (const [step, millis] of [
    [-3_600_000, 60_001],
    [61_000, 1],
  ] as const) {
    const { time, authority, ledger, call } = setUp();
    const counter = ledger.counter('api', perMinute(900), 'a');
    call([counter, 1]);
    time.pass(1);
    authority.answer({ units: 5 });
    time.pass(1);
    authority.answer();
    time.pass(10_000);
    time.step(step);
    if (step < 0) assert.equal(call([counter, 1]).verdict, 'admitted');
    time.pass(millis);
    assert.equal(call([counter, 1]).verdict, 'waiting');
  }
});

test('a lease of an earlier window than one that is known gives nothing', () => {
  const { time, authority, ledger, call } = setUp();
  const [one, two] = [ledger.counter('api', perMinute(900), 'a'), ledger.counter('api', perMinute(900), 'b')];
  call([one, 1]);
  time.pass(1);
  authority.answer({ units: 5, window: 8 });
  time.pass(1);
  authority.answer();
  call([two, 1]);
  time.pass(1);
  authority.answer({ units: 5, window: 7 });
  assert.equal(two.left, 900);
  assert.equal(call([two, 1]).verdict, 'waiting');
});

test('a call that one counter refuses takes nothing of the others, and what was leased for it goes back', () => {
  const { time, authority, ledger, resumed, call } = setUp();
  const [one, two] = [ledger.counter('api', perMinute(5), 'a'), ledger.counter('application', perMinute(1), 'b')];
  call([one, 1], [two, 1]);
  time.pass(1);
  authority.answer({ left: 4 }, { units: 0, outcome: 'exhausted' });
  assert.deepEqual(resumed, ['refused 1 limit']);
  time.pass(1);
  assert.deepEqual(
    authority.asked.at(-1)?.batch.map(({ counter, returned, window }) => [counter, returned, window]),
    [[one.name, 1, 7]],
  );
});

test('a soft charge lets the call pass beyond its limit, but other limits hold', () => {
  const { time, authority, ledger, resumed, call } = setUp();
  const soft = ledger.counter('subscription', perMinute(1), 'a');
  const hard = ledger.counter('application', perMinute(1), 'b');
  call([soft, 1, true], [hard, 1]);
  time.pass(1);
  authority.answer({ units: 0, outcome: 'exhausted' }, { units: 1, outcome: 'exhausted' });
  assert.deepEqual(resumed, ['admitted 0']);
  const { verdict, list } = call([soft, 1, true], [hard, 1]);
  assert.deepEqual([verdict, list.at, list.cause], ['refused', 1, 'limit']);
});

test('a body of unknown length needs something left, and is owed when it is known', () => {
  const { time, authority, ledger, resumed, call } = setUp();
  const counter = ledger.counter('api', perMinute(1000, 'bytes'), 'a');
  call([counter, 0]);
  time.pass(1);
  authority.answer({ units: 10, left: 990 });
  assert.deepEqual(resumed, ['admitted -1']);
  time.pass(1);
  authority.answer();
  ledger.charge(counter, 700);
  time.pass(1);
  assert.deepEqual(
    authority.asked.at(-1)?.batch.map(({ owed, window }) => [owed, window]),
    [[691, 7]],
  );
  authority.answer({ units: 0, left: 0, outcome: 'exhausted' });
  assert.equal(call([counter, 0]).verdict, 'refused');
  assert.equal(counter.left, 0);
});

test('a call that was abandoned takes nothing', () => {
  const { time, authority, ledger, resumed, call } = setUp();
  const counter = ledger.counter('api', perMinute(5), 'a');
  call([counter, 1]).parked?.cancel();
  call([counter, 1]);
  time.pass(1);
  authority.answer({ units: 1 });
  assert.deepEqual(resumed, ['admitted -1']);
  time.pass(200);
  assert.deepEqual(resumed, ['admitted -1']);
});

for (const [fail, late, next] of [
  ['closed', 'refused 0 away', 'refused'],
  ['local-share', 'refused 0 away', 'refused'],
  ['open', 'admitted -1', 'admitted'],
] as const) {
  test(`with an authority that is silent a call waits for its patience, the next ones not at all: ${fail}`, () => {
    const { time, authority, ledger, resumed, call } = setUp(fail);
    const counter = ledger.counter('api', perMinute(5), 'a');
    call([counter, 1]);
    time.pass(99);
    assert.deepEqual(resumed, []);
    time.pass(2);
    assert.deepEqual(resumed, [late]);
    assert.equal(call([counter, 1]).verdict, next);
    // It is asked meanwhile, so that it is known when it answers again.
    time.pass(1);
    assert.equal(authority.asked.length, 2);
    authority.answer({ units: 2 });
    assert.equal(call([counter, 1]).verdict, 'admitted');
  });
}

test('units that others may give back are waited for, but not as long as an authority that is busy', () => {
  const time = new VirtualTime(Date.UTC(2026, 0, 5));
  const authority = new Scripted();
  const ledger = new Ledger({ authority, clock: time.clock, patience: 2000, fail: 'closed' });
  const list = new Charges();
  list.add(ledger.counter('api', perMinute(5), 'a'), 1);
  assert.equal(ledger.take(list, time.clock.epoch()), 'waiting');
  const resumed: string[] = [];
  ledger.wait(list, (verdict, { cause }) => resumed.push(`${verdict} ${cause} ${Math.round(time.now - 1000)}`));
  for (let answers = 0; resumed.length === 0; answers = authority.asked.length) {
    time.pass(1);
    if (authority.asked.length > answers) authority.answer({ units: 0, outcome: 'pending' });
  }
  assert.match(resumed.join(), /^refused limit 10\d$/);
});

test('where nobody can be asked it is believed for a moment, then asked again', () => {
  const { time, authority, ledger, resumed, call } = setUp();
  const counter = ledger.counter('api', { ...perMinute(5), window: { kind: 'first-call', millis: 1000 } }, 'a');
  call([counter, 1]);
  time.pass(1);
  authority.answer({ units: 0, endsIn: 0, window: 0, outcome: 'away' });
  assert.deepEqual(resumed, ['refused 0 away']);
  assert.equal(call([counter, 1]).verdict, 'refused');
  time.pass(101);
  call([counter, 1]);
  time.pass(1);
  authority.answer({ units: 0, endsIn: 0, window: 0, outcome: 'unbounded' });
  assert.deepEqual(resumed, ['refused 0 away', 'admitted -1']);
});

test('a lease ends with its window, also where nobody could be asked for more just before', () => {
  const { time, authority, ledger, call } = setUp();
  const counter = ledger.counter('api', { ...perMinute(900), window: { kind: 'first-call', millis: 1000 } }, 'a');
  call([counter, 1]);
  time.pass(1);
  authority.answer({ units: 7, endsIn: 1000 });
  time.pass(1);
  authority.answer();
  time.pass(950);
  while (authority.asked.at(-1)?.batch.length === 0) {
    assert.equal(call([counter, 1]).verdict, 'admitted');
    time.pass(1);
  }
  authority.answer({ units: 0, endsIn: 0, window: 0, outcome: 'away' });
  assert.equal(call([counter, 1]).verdict, 'admitted');
  time.pass(60);
  assert.equal(call([counter, 1]).verdict, 'waiting');
});

test('a limit of another amount is in force at once, and keeps what was counted', () => {
  const time = new VirtualTime(Date.UTC(2026, 0, 5));
  const machine = new MachineAuthority({ clock: time.clock });
  const ledger = new Ledger({ authority: machine.connect('w'), clock: time.clock, patience: 100, fail: 'closed' });
  const verdicts = (limit: Limit, calls: number) => {
    let admitted = 0;
    for (let i = 0; i < calls; i++) {
      const list = new Charges();
      list.add(ledger.counter('api', limit, 'a'), 1);
      const verdict = ledger.take(list, time.clock.epoch());
      if (verdict === 'admitted') admitted++;
      if (verdict === 'waiting') ledger.wait(list, (late) => (admitted += late === 'admitted' ? 1 : 0));
      time.pass(1);
    }
    return admitted;
  };
  assert.equal(verdicts(perMinute(10), 20), 10);
  assert.equal(verdicts(perMinute(15), 20), 5);
  assert.equal(verdicts(perMinute(12), 20), 0);
  assert.equal(verdicts(perMinute(16), 20), 1);
});

test('a counter tells what is left and when it begins anew, also before anybody knows', () => {
  const { time, authority, ledger, call } = setUp();
  const counter = ledger.counter('api', perMinute(50), 'a');
  const midnight = Date.UTC(2026, 0, 5);
  time.pass(1000);
  assert.deepEqual([counter.left, counter.limit.amount, counter.resetsAt - midnight], [50, 50, 60_000]);
  call([counter, 1]);
  time.pass(1);
  authority.answer({ units: 1, left: 30, endsIn: 58_990 });
  assert.deepEqual([counter.left, counter.resetsAt - midnight], [30, 60_000]);
});

test('a ledger that is closed gives back what it holds', () => {
  const { time, authority, ledger, call } = setUp();
  const counter = ledger.counter('api', perMinute(5000), 'a');
  call([counter, 1]);
  time.pass(1);
  authority.answer({ units: 20, left: 4980 });
  time.pass(1);
  authority.answer();
  ledger.close();
  assert.deepEqual(
    authority.asked.at(-1)?.batch.map(({ returned, needed }) => [returned, needed]),
    [[19, 0]],
  );
});

test('a ledger that is closed gives back all it holds, however many counters it has, and as fast as it is taken', () => {
  const time = new VirtualTime(Date.UTC(2026, 0, 5));
  const machine = new MachineAuthority({ clock: time.clock });
  const connection = machine.connect('w');
  const unanswered: (() => void)[] = [];
  let most = 0;
  let isClosing = false;
  const authority: Authority = {
    request(batch, answer) {
      connection.request(batch, (leases) => {
        if (!isClosing) answer(leases);
        else
          most = Math.max(
            most,
            unanswered.push(() => answer(leases)),
          );
      });
    },
  };
  const ledger = new Ledger({ authority, clock: time.clock, patience: 100, fail: 'closed' });
  const counters = 12_000;
  for (let key = 0; key < counters; key++) {
    const list = new Charges();
    list.add(ledger.counter('api', perMinute(9000), `key ${key}`), 1);
    assert.equal(ledger.take(list, time.clock.epoch()), 'waiting');
    ledger.wait(list, () => {});
    if (key % 500 === 499) time.pass(1);
  }
  time.pass(1);
  isClosing = true;
  void ledger.close();
  while (unanswered.length > 0) unanswered.shift()?.();
  let used = 0;
  for (const window of machine.windows()) used += window.used;
  assert.equal(used, counters);
  assert.ok(most <= 8, `${most} batches at once`);
});

test('a counter that an operator has reset is asked for anew', () => {
  const time = new VirtualTime(Date.UTC(2026, 0, 5));
  const machine = new MachineAuthority({ clock: time.clock });
  const ledger = new Ledger({ authority: machine.connect('w'), clock: time.clock, patience: 100, fail: 'closed' });
  const limit = perMinute(1);
  const take = () => {
    const list = new Charges();
    list.add(ledger.counter('api', limit, 'a'), 1);
    return { list, verdict: ledger.take(list, time.clock.epoch()) };
  };
  ledger.wait(take().list, () => {});
  time.pass(1);
  assert.equal(take().verdict, 'refused');
  assert.equal(machine.reset(counterName('api', limit, 'a')), true);
  assert.equal(take().verdict, 'waiting');
});
