import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decryptRc2 } from './rc2.ts';

test('blocks of the examples of RFC 2268 open', () => {
  // Key, bits, block and what it opens to (section 5).
  const rows = [
    ['88bca90e90875a7f0f79c384627bafb2', 128, '2269552ab0f85ca6', '0000000000000000'],
    ['88bca90e90875a7f0f79c384627bafb2', 64, '1a807d272bbe5db1', '0000000000000000'],
    ['88bca90e90875a', 64, '6ccf4308974c267f', '0000000000000000'],
    ['0000000000000000', 63, 'ebb773f993278eff', '0000000000000000'],
    ['ffffffffffffffff', 64, '278b27e42e2f0d49', 'ffffffffffffffff'],
    ['3000000000000000', 64, '30649edf9be7d2c2', '1000000000000001'],
  ] as const;
  for (const [key, bits, block, opened] of rows) {
    // The vector of the mode turns the last byte into a padding of one.
    const iv = Buffer.alloc(8);
    iv[7] = 1 ^ Number.parseInt(opened.slice(-2), 16);
    const found = decryptRc2(Buffer.from(key, 'hex'), bits, iv, Buffer.from(block, 'hex'));
    assert.equal(found.toString('hex'), opened.slice(0, -2), `${key} ${bits}`);
  }
});

test('a wrong key shows in the padding', () => {
  const sealed = Buffer.from('2269552ab0f85ca6', 'hex');
  assert.throws(() => decryptRc2(Buffer.alloc(16), 128, Buffer.alloc(8), sealed), /the password is wrong/);
  assert.throws(() => decryptRc2(Buffer.alloc(16), 128, Buffer.alloc(8), sealed.subarray(1)), /the password is wrong/);
});
