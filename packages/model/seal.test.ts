import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSeal, SealError } from './seal.ts';

const key = randomBytes(32);
const seal = createSeal(key, 'key-manager');

test('what is sealed opens for its own purpose and key, and for no other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const sealed = seal.close(text, 'one');
      assert.equal(createSeal(key, 'key-manager').open(sealed, 'one'), text);
      assert.throws(() => seal.open(sealed, 'two'), SealError);
      assert.throws(() => createSeal(randomBytes(32), 'key-manager').open(sealed, 'one'), SealError);
    }),
  );
});

test('a changed or cut value does not open', () => {
  const sealed = seal.close('secret', 'one');
  fc.assert(
    fc.property(fc.nat(sealed.length - 4), fc.constantFrom(...'AZaz09-_'), (at, letter) => {
      const changed = sealed.slice(0, at + 3) + letter + sealed.slice(at + 4);
      const sameBytes = Buffer.from(changed.slice(3), 'base64url').equals(Buffer.from(sealed.slice(3), 'base64url'));
      if (!sameBytes) assert.throws(() => seal.open(changed, 'one'), SealError);
      assert.throws(() => seal.open(sealed.slice(0, at + 3), 'one'), SealError);
    }),
  );
});

test('what one room sealed, another does not open', () => {
  assert.throws(() => createSeal(key, 'endpoint').open(seal.close('secret', 'one'), 'one'), SealError);
});

test('a key of another length is refused', () => {
  assert.throws(() => createSeal(randomBytes(16), 'key-manager'), SealError);
});
