import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Exchange } from '../../chain/exchange.ts';
import { ConsistentHash } from './consistent-hash.ts';
import { cookieOf } from './cookie.ts';
import { RetryBudget } from './retry-budget.ts';
import { RoundRobin } from './round-robin.ts';
import { TwoChoices } from './two-choices.ts';

/** The key of a call stands in its place here. */
const keyed = (key: string | undefined) => ({ key }) as unknown as Exchange;
const keyOf = (exchange: Exchange) => (exchange as unknown as { key?: string }).key;

function hashOver(identities: readonly string[], bound: number | null = null, weights = identities.map(() => 1)) {
  const members = identities.map(() => ({ load: 0 }));
  const hashed = identities.map((identity, place) => ({ identity, weight: weights[place] as number }));
  return { members, hash: new ConsistentHash(members, hashed, bound, keyOf, new RoundRobin()) };
}

function all(count: number): Uint8Array {
  return new Uint8Array(count).fill(1);
}

const keys = Array.from({ length: 3000 }, (_, place) => `customer-${place}`);

test('a member that goes moves its own keys alone, and they come back with it, whatever its place in the group', () => {
  const names = ['http://a', 'http://b', 'http://c', 'http://d'];
  const { hash } = hashOver(names);
  const without = new Uint8Array([1, 0, 1, 1]);
  const other = hashOver(['http://d', 'http://c', 'http://a']);
  for (const key of keys) {
    const before = hash.next(all(4), keyed(key));
    const after = hash.next(without, keyed(key));
    if (before !== 1) assert.equal(after, before);
    assert.equal(['http://d', 'http://c', 'http://a'][other.hash.next(all(3), keyed(key))], names[after]);
  }
});

test('keys are shared out by weight', () => {
  for (const weights of [
    [1, 1, 1],
    [1, 2, 5],
  ]) {
    const { hash } = hashOver(['http://a', 'http://b', 'http://c'], null, weights);
    const counts = new Uint32Array(3);
    for (const key of keys) {
      const place = hash.next(all(3), keyed(key));
      counts[place] = (counts[place] as number) + 1;
    }
    const sum = weights.reduce((one, other) => one + other);
    for (const [place, count] of counts.entries()) {
      const due = (keys.length * (weights[place] as number)) / sum;
      assert.ok(Math.abs(count - due) < 0.15 * due, `${counts} for ${weights}`);
    }
  }
});

test('a bound keeps the calls of one busy key from filling one member, and none is ever refused for it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
      fc.constantFrom(1, 1.25, 2),
      fc.array(fc.constantFrom('a', 'b', 'busy'), { maxLength: 60 }),
      (weights, bound, calls) => {
        const { members, hash } = hashOver(
          weights.map((_, place) => `http://${place}`),
          bound,
          weights,
        );
        const total = weights.reduce((one, other) => one + other);
        for (const [index, key] of calls.entries()) {
          const place = hash.next(all(weights.length), keyed(key));
          assert.notEqual(place, -1);
          const member = members[place] as { load: number };
          member.load++;
          assert.ok(member.load <= Math.ceil((bound * (index + 1) * (weights[place] as number)) / total));
        }
      },
    ),
  );
});

test('calls without a key take turns', () => {
  const { hash } = hashOver(['http://a', 'http://b']);
  assert.deepEqual(
    [0, 0, 0].map(() => hash.next(all(2), keyed(undefined))),
    [0, 1, 0],
  );
  assert.equal(hash.next(new Uint8Array(2), keyed('a')), -1);
});

test('of two choices the one with less to do for its weight is taken, and one that is not usable never', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ load: fc.nat(5), weight: fc.integer({ min: 1, max: 3 }), usable: fc.boolean() }), {
        minLength: 1,
        maxLength: 5,
      }),
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 2, maxLength: 2 }),
      (members, draws) => {
        const left = [...draws];
        const random = () => left.shift() as number;
        const usable = Uint8Array.from(members, (one) => Number(one.usable));
        const weights = members.map(({ weight }) => weight);
        const place = new TwoChoices(members, weights, random).next(usable);
        const places = [...members.keys()].filter((one) => members[one]?.usable);
        if (places.length === 0) return assert.equal(place, -1);
        const first = places[Math.floor((draws[0] as number) * places.length)] as number;
        const rest = places.filter((one) => one !== first);
        const second = rest[Math.floor((draws[1] as number) * rest.length)] ?? first;
        const share = (one: number) => ((members[one]?.load ?? 0) + 1) / (weights[one] as number);
        assert.equal(place, share(second) < share(first) ? second : first);
      },
    ),
  );
});

test('second attempts stay within the share of the last ten seconds, or the floor of each second', () => {
  fc.assert(
    fc.property(
      fc.record({ share: fc.constantFrom(0, 0.2, 1), floor: fc.nat(3) }),
      fc.array(fc.tuple(fc.nat(3000), fc.nat(12), fc.nat(8)), { maxLength: 40 }),
      (options, steps) => {
        const budget = new RetryBudget(options);
        const calls: number[] = [];
        const retries: number[] = [];
        let now = 5_000_000;
        for (const [wait, called, wanted] of steps) {
          now += wait;
          const second = Math.floor(now / 1000);
          for (let i = 0; i < called; i++) {
            budget.called(now);
            calls.push(second);
          }
          for (let i = 0; i < wanted; i++) {
            const recent = (list: number[]) => list.filter((one) => one > second - 10).length;
            const thisSecond = retries.filter((one) => one === second).length;
            const expected = thisSecond < options.floor || recent(retries) < options.share * recent(calls);
            assert.equal(budget.permits(now), expected);
            if (!expected) continue;
            budget.retried(now);
            retries.push(second);
          }
        }
      },
    ),
  );
});

test('a cookie is found by its whole name, and by nothing that looks like it', () => {
  assert.equal(cookieOf('XSID=1; SID=2;SID=3', 'SID'), '2');
  assert.equal(cookieOf('a=SID=1', 'SID'), undefined);
  assert.equal(cookieOf('SID', 'SID'), undefined);
  assert.equal(cookieOf('SID=', 'SID'), '');
  assert.equal(cookieOf(undefined, 'SID'), undefined);
  assert.equal(cookieOf('; ;  SID=x ; b', 'SID'), 'x');
});
