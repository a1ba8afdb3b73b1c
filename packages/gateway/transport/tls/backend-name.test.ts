import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { HostnameVerification } from '../call.ts';
import { authority } from '../testing/certificate.ts';
import { nameProblem } from './backend-name.ts';

const issuer = await authority('An authority');
const [plain, wild, address, addressAsCommonName, nameAsCommonName, other] = await Promise.all([
  issuer.issue(['api.example.org', 'other.example.org']),
  issuer.issue(['*.example.org']),
  issuer.issue(['10.0.0.1']),
  issuer.issue([], 30, '10.0.0.1'),
  issuer.issue([], 30, 'api.example.org'),
  issuer.issue(['other.example.org'], 30, 'api.example.org'),
]);

const anywhere: readonly HostnameVerification[] = ['strict', 'default', 'default-and-localhost'];

const rows = [
  ['a name', plain, 'api.example.org', anywhere],
  ['a name in capitals', plain, 'API.Example.ORG', anywhere],
  ['a further name', plain, 'other.example.org', anywhere],
  ['another name', plain, 'api.example.com', []],
  ['a name that only ends alike', plain, 'xapi.example.org', []],
  ['a wildcard', wild, 'a.example.org', anywhere],
  ['a wildcard for two labels', wild, 'a.b.example.org', ['default', 'default-and-localhost']],
  ['a wildcard for no label', wild, 'example.org', []],
  ['an address', address, '10.0.0.1', anywhere],
  ['another address', address, '10.0.0.2', []],
  ['an address as common name', addressAsCommonName, '10.0.0.1', anywhere],
  ['a common name where there is no other', nameAsCommonName, 'api.example.org', anywhere],
  ['a common name beside alternative names', other, 'api.example.org', []],
  ['this machine', plain, 'localhost', ['default-and-localhost']],
  ['this machine by its address', plain, '127.0.0.1', ['default-and-localhost']],
  ['this machine by its other address', plain, '::1', ['default-and-localhost']],
  ['a host that is only called like this machine', plain, 'localhost.example.com', []],
] as const;

test('a certificate is believed for the names in it, as strictly as the setting says', () => {
  for (const [what, { cert }, host, taken] of rows) {
    const { raw } = new X509Certificate(cert);
    for (const verify of anywhere) {
      const problem = nameProblem(host, raw, verify);
      assert.equal(
        problem === undefined,
        (taken as readonly string[]).includes(verify),
        `${what}, ${verify}: ${problem}`,
      );
    }
    assert.equal(nameProblem(host, raw, 'allow-all'), undefined);
  }
});

test('what is wrong with a name says which names there are', () => {
  const { raw } = new X509Certificate(plain.cert);
  assert.equal(
    nameProblem('api.example.com', raw, 'strict'),
    'the certificate is not for api.example.com but for DNS:api.example.org, DNS:other.example.org',
  );
});
