import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from './nearest.ts';

const names = [
  'server.offset',
  'server.hostname',
  'passthru_http.max_open_connections',
  'transport.http.listener.bind_address',
];

test('a typing error finds the name that was meant', () => {
  assert.deepEqual(nearest('server.ofset', names), ['server.offset']);
  assert.deepEqual(nearest('server.hostnmae', names), ['server.hostname']);
  assert.deepEqual(nearest('passthru_http.maxOpenConnections', names), ['passthru_http.max_open_connections']);
});

test('a right member in the wrong section finds its section', () => {
  assert.deepEqual(nearest('server.bind_adress', names), ['transport.http.listener.bind_address']);
});

test('a name like no other finds nothing', () => {
  assert.deepEqual(nearest('colour.of.the.sky', names), []);
});

/** The definition, without bounds or short cuts. */
function slowDistance(a: string, b: string): number {
  const d = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i + j));
  const at = (i: number, j: number) => d[i]?.[j] ?? 0;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(i - 2, j - 2) + 1);
      const row = d[i];
      if (row !== undefined) row[j] = cost;
    }
  }
  return at(a.length, b.length);
}

test('the bounded distance agrees with the plain definition', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '.'), maxLength: 12 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 1, max: 6 }), (a, b, limit) => {
      assert.equal(editDistance(a, b, limit), Math.min(slowDistance(a, b), limit + 1));
    }),
  );
});
