import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@sluice/model';
import fc from 'fast-check';
import { withKeptSecrets, withoutSecrets } from './secrets.ts';

const { config } = fc.letrec<{ config: JsonObject; value: JsonObject[string] }>((tie) => ({
  config: fc.dictionary(
    fc.constantFrom('url', 'password', 'clientSecret', 'production', 'Password', 'list'),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('config'), { maxLength: 3 }),
    tie('config'),
  ),
}));

test('no secret comes out, wherever it stands', () => {
  fc.assert(
    fc.property(config, (given) => {
      const seen = JSON.stringify(withoutSecrets(given), (name, value) =>
        /password|clientsecret/i.test(name) && value !== '' ? assert.fail(name) : value,
      );
      assert.equal(typeof seen, 'string');
    }),
  );
});

test('what is read and put back unchanged is what was stored', () => {
  fc.assert(
    fc.property(config, (stored) => {
      assert.deepEqual(withKeptSecrets(withoutSecrets(stored), stored), stored);
    }),
  );
});

test('what is given replaces what was stored', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (before, given) => {
      assert.deepEqual(withKeptSecrets({ a: [{ password: given }] }, { a: [{ password: before }] }), {
        a: [{ password: given }],
      });
    }),
  );
});
