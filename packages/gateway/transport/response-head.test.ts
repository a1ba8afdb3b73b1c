import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { endOfHead } from './response-head.ts';

test('the end of a head is found wherever line ends stand before it', () => {
  const byte = fc.constantFrom(0x0d, 0x0a, 0x61);
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), fc.nat(10), (codes, from) => {
      const bytes = Buffer.from(codes);
      const mark = bytes.indexOf('\r\n\r\n', from, 'latin1');
      assert.equal(endOfHead(bytes, from), mark < 0 ? -1 : mark + 4);
    }),
    { numRuns: 5000 },
  );
});
