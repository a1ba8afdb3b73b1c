import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { inTurn } from './turns.ts';

const address = fc.oneof(fc.ipV4(), fc.ipV6());
const addresses = fc.uniqueArray(address, { minLength: 1, maxLength: 12 });

test('no address is lost, doubled or made up, whatever turn it is', () => {
  fc.assert(
    fc.property(addresses, fc.nat(), fc.nat(), (list, turn, count) => {
      const avoided = new Set(list.slice(0, count % list.length));
      const order = inTurn(list, turn, avoided);
      assert.deepEqual(order.toSorted(), list.toSorted());
      const lastGood = order.findLastIndex((one) => !avoided.has(one));
      for (const [place, one] of order.entries()) if (avoided.has(one)) assert.ok(place > lastGood);
    }),
  );
});

test('the load is not left on one address: each of a family begins equally often', () => {
  fc.assert(
    fc.property(addresses, (list) => {
      const six = isIPv6(list[0] as string);
      const family = list.filter((one) => isIPv6(one) === six);
      const begins = Array.from({ length: family.length * 3 }, (_, turn) => inTurn(list, turn, new Set())[0]);
      for (const one of family) assert.equal(begins.filter((begin) => begin === one).length, 3);
    }),
  );
});

test('a family that does not work costs one attempt, not all of them', () => {
  const list = ['::1', '::2', '::3', '10.0.0.1', '10.0.0.2'];
  assert.deepEqual(inTurn(list, 0, new Set()), ['::1', '10.0.0.1', '::2', '10.0.0.2', '::3']);
  assert.deepEqual(inTurn(list, 1, new Set()), ['::2', '10.0.0.2', '::3', '10.0.0.1', '::1']);
});
