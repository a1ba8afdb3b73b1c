import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../command.ts';
import { selfSigned } from '../home/self-signed.ts';
import { type IdentityFile, readIdentity, readRevoked, readTrusted } from './store-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-stores-'));
after(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) => fileURLToPath(new URL(`testing/${name}.p12`, import.meta.url));

/** A file in the folder, as a setting names it. */
function file(name: string, text: string | Buffer, more: Partial<IdentityFile> = {}): IdentityFile {
  const path = join(folder, name);
  writeFileSync(path, text);
  return { setting: 'keystore.tls.file_name', path, ...more };
}

const stored = (name: string, more: Partial<IdentityFile> = {}): IdentityFile => ({
  setting: 'keystore.tls.file_name',
  path: fixture(name),
  password: 'secret',
  ...more,
});

function split(pair: string): { key: string; cert: string } {
  const at = pair.indexOf('-----BEGIN CERTIFICATE-----');
  return { key: pair.slice(0, at), cert: pair.slice(at) };
}

const one = selfSigned('one.example');
const other = selfSigned('other.example');

function refused(read: () => unknown, words: RegExp): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, words);
    return true;
  });
}

test('a PEM file, two PEM files and a PKCS#12 file are one to the program', () => {
  const { key, cert } = split(one);
  const encrypted = createPrivateKey(key).export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'pass',
  });
  for (const from of [
    file('both.pem', one),
    file('cert.pem', cert, { keyPath: file('key.pem', key).path, type: 'PEM' }),
    file('cert.pem', cert, { keyPath: file('encrypted.pem', encrypted).path, password: 'pass' }),
    file('cert.pem', cert, { keyPath: file('encrypted.pem', encrypted).path, password: 'x', keyPassword: 'pass' }),
    file('chain.pem', one + split(other).cert),
    stored('aes', { type: 'PKCS12' }),
    stored('rc2'),
    stored('keytool', { alias: 'THREE' }),
  ]) {
    const identity = readIdentity(from);
    const names = new X509Certificate(identity.cert).subject;
    assert.equal(names, `CN=${from.alias?.toLowerCase() ?? 'one'}.example`);
    assert.ok(new X509Certificate(identity.cert).checkPrivateKey(createPrivateKey(identity.key)));
  }
  assert.equal(readIdentity(file('chain.pem', one + split(other).cert)).cert.match(/BEGIN/g)?.length, 2);
});

test('a Java keystore is refused with the command that converts it', () => {
  const rows = [
    [
      'own.jks',
      'feedfeed00000002',
      'keytool -importkeystore -srckeystore PATH/own.jks -destkeystore PATH/own.p12 -deststoretype PKCS12; then name PATH/own.p12',
    ],
    [
      'keys',
      'feedfeed00000002',
      'keytool -importkeystore -srckeystore PATH/keys -destkeystore PATH/keys.p12 -deststoretype PKCS12; then name PATH/keys.p12',
    ],
    [
      'own.jceks',
      'cececece00000002',
      'keytool -importkeystore -srckeystore PATH/own.jceks -srcstoretype JCEKS -destkeystore PATH/own.p12 -deststoretype PKCS12; then name PATH/own.p12',
    ],
  ] as const;
  for (const [name, bytes, command] of rows) {
    const java = file(name, Buffer.from(bytes, 'hex'));
    for (const read of [readIdentity, readTrusted]) {
      assert.throws(
        () => read(java),
        (error: Error) =>
          error.message.replaceAll(folder, 'PATH').endsWith(`Convert it once: ${command}`) &&
          error.message.includes(java.path),
      );
    }
  }
});

test('what cannot be used is named with its setting and the reason', () => {
  const { key, cert } = split(one);
  const rows: [IdentityFile, RegExp][] = [
    [
      { setting: 'a.b', path: join(folder, 'missing') },
      /^a\.b: .*missing cannot be read \(ENOENT\): correct the name; what is no absolute path is below security\/$/,
    ],
    [file('text', 'hello'), /^keystore\.tls\.file_name: .*text cannot be used: it is neither PEM nor PKCS#12$/],
    [file('empty', ''), /neither PEM nor PKCS#12$/],
    [file('key.pem', key), /it holds no certificate/],
    [file('cert.pem', cert), /it holds no private key: name the file that does in key_file$/],
    [
      file('mixed.pem', cert, { keyPath: file('other.pem', other).path }),
      /its first certificate does not belong to the key in .*other\.pem: put/,
    ],
    [file('broken.pem', one.replace(/MII/g, 'AAA')), /a certificate in it cannot be read/],
    [file('both.pem', one, { type: 'PKCS12' }), /its type is set to PKCS12, and it is PEM: correct the type$/],
    [stored('aes', { type: 'PEM' }), /its type is set to PEM, and it is PKCS#12: correct the type$/],
    [stored('aes', { password: 'wrong' }), /aes\.p12 cannot be used: the password is wrong$/],
    [stored('aes', { password: undefined }), /the password is wrong; no password is set$/],
    [stored('keytool', { alias: 'four' }), /it holds no key named four, but two, three$/],
    [stored('truststore'), /it holds no private key$/],
  ];
  for (const [from, words] of rows) refused(() => readIdentity(from), words);
  const encrypted = createPrivateKey(key).export({
    format: 'pem',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'pass',
  });
  const locked = file('locked.pem', `${cert}${encrypted}`);
  refused(() => readIdentity(locked), /its private key is encrypted, and no password is set$/);
  refused(() => readIdentity({ ...locked, password: 'wrong' }), /its private key cannot be read; check the password$/);
});

test('certificates to trust come from both kinds of file', () => {
  assert.equal(readTrusted(file('trust.pem', split(one).cert + split(other).cert)).length, 2);
  assert.equal(readTrusted(stored('truststore')).length, 2);
  refused(() => readTrusted(file('key.pem', split(one).key)), /it holds no certificate$/);
});

test('a list of revoked certificates is one only under its name', () => {
  refused(() => readRevoked(file('cert.pem', split(one).cert)), /it holds no list of revoked certificates/);
});
