import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FieldNames } from './field-names.ts';
import { type Fields, scanFields } from './fields.ts';
import { keptFields } from './forward.ts';

function scan(lines: string): Fields {
  const head = Buffer.from(`${lines}\r\n`, 'latin1');
  const fields = scanFields(head, 0, 0, head.length, 10_000);
  if (typeof fields === 'string') throw new Error(fields);
  return fields;
}

/** Few letters and lengths around 32, so that names meet and share what they are dismissed by. */
const name = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'B', '-'), minLength: 1, maxLength: 3 }),
  fc.constantFrom(33, 34, 65).map((length) => 'a'.repeat(length)),
);

test('fields stay here by their own name or by what Connection says, in any case, and all others are passed on', () => {
  const names = fc.array(name, { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(name, { maxLength: 8 }), names, names, (fields, without, options) => {
      const lower = (list: string[]) => list.map((one) => one.toLowerCase());
      const left = new Set([...lower(without), ...lower(options)]);
      const lines = fields.map((field, index) => `${field}: ${index}\r\n`);
      const kept = keptFields(scan(lines.join('')), 0, new FieldNames(lower(without)), lower(options));
      assert.equal(kept, lines.filter((_, index) => !left.has((fields[index] as string).toLowerCase())).join(''));
    }),
  );
});

test('names that are added stay here too', () => {
  const names = new FieldNames(['one']).with(['two', 'one']);
  assert.deepEqual([names.has('one'), names.has('two'), names.has('three')], [true, true, false]);
  assert.equal(keptFields(scan('One: 1\r\nThree: 3\r\nTWO: 2\r\n'), 0, names, []), 'Three: 3\r\n');
  assert.equal(keptFields(scan('One: 1\r\n'), 0, FieldNames.none, ['close']), 'One: 1\r\n');
});
