import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanFields } from './fields.ts';

/** RFC 9110 section 5.5, byte by byte: what `scanFields` does four bytes at a time. */
function mayStandInValue(code: number): boolean {
  return code === 0x09 || (code >= 0x20 && code !== 0x7f);
}

test('a byte that cannot stand in a value is found wherever it stands, and no other is taken for one', () => {
  const anyByte = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x1f, 0x20, 0x7e, 0x7f, 0x80, 0xff, 0x09));
  fc.assert(
    fc.property(fc.array(anyByte, { maxLength: 40 }), fc.nat(7), fc.nat(5), (value, shift, tail) => {
      const head = Buffer.concat([Buffer.from('n:'), Buffer.from(value), Buffer.from('\r\n\r\n')]);
      // At every place in its memory, and with memory behind it that does not fill a word.
      const memory = Buffer.from(new ArrayBuffer(shift + head.length + tail), 0).fill('y');
      head.copy(memory, shift);
      const found = scanFields(memory.subarray(shift, shift + head.length), 0, 0, head.length, 10);
      const good = value.every(mayStandInValue);
      assert.equal(typeof found !== 'string', good);
      if (typeof found !== 'string') {
        assert.equal(
          found.value(0),
          Buffer.from(value)
            .toString('latin1')
            .replace(/^[ \t]+|[ \t]+$/g, ''),
        );
      }
    }),
    { numRuns: 3000 },
  );
});
