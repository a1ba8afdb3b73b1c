import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Keys, storedKey } from './keys.ts';

function put(keys: Keys, key: string): number {
  const stored = storedKey(key);
  const row = keys.find(stored);
  return row >= 0 ? row : keys.add(stored);
}

test('keys that begin alike, are empty, or have letters of any script are never taken for each other', () => {
  const part = fc.oneof(fc.constantFrom('', 'a', 'application-1', '\0', 'é', '許可', '\ud800'), fc.string());
  const key = fc.oneof(
    fc.tuple(part, part).map(([head, tail]) => `${head}:${tail}`),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );
  fc.assert(
    fc.property(fc.array(key, { maxLength: 200 }), (list) => {
      const keys = new Keys();
      const rows = new Map<string, number>();
      for (const each of list) {
        // What is no text in any coding is kept as its replacement.
        const text = Buffer.from(each, 'utf8').toString('utf8');
        const row = put(keys, text);
        assert.equal(row, rows.get(text) ?? rows.size);
        rows.set(text, row);
      }
      assert.equal(keys.size, rows.size);
      for (const [text, row] of rows) assert.equal(keys.text(row), text);
    }),
  );
});

test('thousands of keys over many chunks and buckets are found again, and forgotten together', () => {
  const keys = new Keys();
  for (const round of ['first', 'second']) {
    for (let i = 0; i < 20_000; i++) assert.equal(put(keys, `${round}-${i % 6000}:${'x'.repeat(i % 40)}${i}`), i);
    for (let i = 0; i < 20_000; i++) assert.equal(put(keys, `${round}-${i % 6000}:${'x'.repeat(i % 40)}${i}`), i);
    assert.equal(keys.text(12_345), `${round}-345:${'x'.repeat(25)}12345`);
    keys.clear();
    assert.equal(keys.size, 0);
  }
});

test('a key that does not fit into a chunk is refused rather than cut', () => {
  assert.throws(() => put(new Keys(), 'k'.repeat(5000)), RangeError);
});
