import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../json.ts';
import { SealError } from '../seal.ts';
import { clearSecretsOnly, endpointSecrets, holdsClearSecrets } from './secrets.ts';

const secrets = endpointSecrets(randomBytes(32));

/** Every member that WSO2 keeps a secret in, and others beside it. */
const config = (secret: string): JsonObject => ({
  endpoint_type: 'http',
  production_endpoints: { url: 'https://b' },
  amznSecretKey: secret,
  endpoint_security: {
    production: {
      type: 'OAUTH',
      username: 'u',
      password: secret,
      clientId: 'c',
      clientSecret: secret,
      customParameters: { scope: 's', client_assertion: secret },
      proxyConfigs: { proxyUsername: 'u', proxyPassword: secret },
    },
    sandbox: {
      type: 'apikey',
      apiKeyIdentifier: 'k',
      apiKeyValue: secret,
      customParameters: JSON.stringify({ assertion: secret }),
    },
  },
});

test('every secret is sealed, nothing else changes, and what is sealed opens again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (end) => {
      const secret = `hush ${end}`;
      const closed = secrets.seal(config(secret), 'api');
      assert.doesNotMatch(JSON.stringify(closed), /hush/);
      assert.equal(holdsClearSecrets(closed), false);
      assert.equal(holdsClearSecrets(config(secret)), true);
      assert.deepEqual(secrets.unseal(closed, 'api'), config(secret));
      assert.deepEqual(secrets.seal(closed, 'api'), closed, 'sealing again changes nothing');
    }),
  );
});

test('blanks stay blank, and a configuration without secrets stays as it is', () => {
  assert.deepEqual(secrets.seal(config(''), 'api'), config(''));
  assert.equal(holdsClearSecrets(config('')), false);
});

test('what only looks sealed is a secret like another', () => {
  const fake = `sealed.${secrets.keyId}.v1.${'A'.repeat(60)}`;
  const closed = secrets.seal({ password: fake }, 'api');
  assert.notEqual(closed.password, fake);
  assert.deepEqual(secrets.unseal(closed, 'api'), { password: fake });
});

test('what is sealed opens for no other API, with no other key, and without a key not at all', () => {
  const { password } = secrets.seal({ password: 'hush' }, 'api') as { password: string };
  assert.equal(secrets.open(password, 'api'), 'hush');
  for (const open of [
    () => secrets.open(password, 'other'),
    () => endpointSecrets(randomBytes(32)).open(password, 'api'),
    () => clearSecretsOnly.open(password, 'api'),
    () => secrets.open(`${password.slice(0, -2)}AA`, 'api'),
  ]) {
    assert.throws(open, (error: Error) => error instanceof SealError && !error.message.includes('hush'));
  }
  assert.equal(clearSecretsOnly.open('in the clear', 'api'), 'in the clear');
});
