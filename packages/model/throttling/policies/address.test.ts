import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAddress } from './address.ts';

test('addresses are ordered within their family, however they are written', () => {
  assert.deepEqual(readAddress('10.0.1.2'), { family: 4, number: 0x0a00_0102n });
  assert.deepEqual(readAddress('::ffff:10.0.1.2'), readAddress('10.0.1.2'));
  assert.deepEqual(readAddress('::'), { family: 6, number: 0n });
  assert.deepEqual(readAddress('1::'), { family: 6, number: 1n << 112n });
  assert.deepEqual(readAddress('64:ff9b::10.0.1.2'), readAddress('64:ff9b:0:0:0:0:a00:102'));
  assert.deepEqual(readAddress('2001:DB8::A'), readAddress('2001:db8:0:0:0:0:0:a'));
});

test('what is no single address is not read', () => {
  for (const text of ['', '10.0.0', '10.0.0.0/8', '10.0.0.256', '1:2', 'fe80::1%eth0', '[::1]', '10.0.0.1:80', 'a']) {
    assert.equal(readAddress(text), undefined, text);
  }
});

test('an IPv6 address reads the same with and without its zeros written out', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const url = new URL(`http://[${text}]`).hostname.slice(1, -1);
      assert.deepEqual(readAddress(text), readAddress(url));
    }),
  );
});
