import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { openPkcs12 } from './pkcs12.ts';

const file = (name: string) => readFileSync(new URL(`testing/${name}.p12`, import.meta.url));

/** As OpenSSL 3 and the keytool of Java 17 wrote them: name, password, aliases of the keys, subjects of the certificates. */
const rows = [
  ['aes', 'secret', ['one'], ['CN=one.example']],
  ['triple-des', 'secret', ['one'], ['CN=one.example']],
  ['rc2', 'secret', ['one'], ['CN=one.example']],
  ['rc2-128', 'secret', [''], ['CN=one.example']],
  ['no-mac', 'secret', [''], ['CN=one.example']],
  ['no-password', '', [''], ['CN=one.example']],
  ['keytool', 'secret', ['two', 'three'], ['CN=two.example', 'CN=three.example']],
  ['truststore', 'secret', [], ['CN=one.example', 'CN=other.example']],
] as const;

test('files of all programs and ciphers open, with the keys to their certificates', () => {
  for (const [name, password, aliases, subjects] of rows) {
    const { keys, certificates } = openPkcs12(file(name), password);
    assert.deepEqual(
      keys.map(({ alias }) => alias),
      aliases,
      name,
    );
    assert.deepEqual(
      certificates.map(({ subject }) => subject),
      subjects,
      name,
    );
    for (const [index, { key }] of keys.entries()) assert.ok(certificates[index]?.checkPrivateKey(key), name);
  }
});

test('a wrong password is told as such', () => {
  for (const [name] of rows)
    assert.throws(() => openPkcs12(file(name), 'wrong'), /^Error: the password is wrong$/, name);
});

test('a damaged file is refused, and never hangs or ends the program', () => {
  const whole = file('rc2');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      (changes) => {
        const damaged = Buffer.from(whole);
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          openPkcs12(damaged, 'secret');
        } catch (error) {
          assert.ok(error instanceof Error);
        }
      },
    ),
  );
  assert.throws(() => openPkcs12(Buffer.from('3003020103', 'hex'), ''), /^Error: it is damaged$/);
  assert.throws(() => openPkcs12(Buffer.from('3003020102', 'hex'), ''), /^Error: it is not a PKCS#12 file$/);
});
