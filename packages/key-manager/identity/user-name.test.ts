import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseUserName, qualifyUserName } from './user-name.ts';

const organizations = ['carbon.super', 'tenant.com'];

test('a mail address is a name of the super organization unless its domain is an organization', () => {
  assert.deepEqual(parseUserName('ann@mail.org', organizations), {
    organization: 'carbon.super',
    name: 'ann@mail.org',
  });
  assert.deepEqual(parseUserName('ann@mail.org@tenant.com', organizations), {
    organization: 'tenant.com',
    name: 'ann@mail.org',
  });
  assert.deepEqual(parseUserName('ann@TENANT.com', organizations), { organization: 'tenant.com', name: 'ann' });
});

test('what is qualified reads back as itself', () => {
  const names = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((name) => name.trim() === name && !/^primary\//i.test(name));
  fc.assert(
    fc.property(names, fc.constantFrom(...organizations), (name, organization) => {
      assert.deepEqual(parseUserName(qualifyUserName({ organization, name }), organizations), { organization, name });
    }),
  );
});
