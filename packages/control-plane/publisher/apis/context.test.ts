import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SluiceError, superOrganization } from '@sluice/model';
import fc from 'fast-check';
import { readContext } from './context.ts';

test('whatever is given, a context is a plain path of its own or refused, and stays as it is when read again', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.constantFrom('/', 'a', '..', '{version}', '%2e', ' ', '~', '.'), { maxLength: 8 })
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      let context: string;
      try {
        context = readContext(given, superOrganization);
      } catch (error) {
        assert.ok(error instanceof SluiceError);
        return;
      }
      assert.match(context, /^(?:\/(?:[A-Za-z0-9._~-]+|\{version\}))+$/);
      assert.equal(
        new URL(context.replaceAll('{version}', 'v'), 'http://a').pathname,
        context.replaceAll('{version}', 'v'),
      );
      assert.equal(readContext(context, superOrganization), context);
    }),
  );
});

test('a closing version is left out, since it stands there anyway, and a tenant’s context is its own', () => {
  assert.equal(readContext('orders/{version}', superOrganization), '/orders');
  assert.equal(readContext('/orders/{version}/{version}/', superOrganization), '/orders');
  assert.equal(readContext('/v/{version}/orders/', superOrganization), '/v/{version}/orders');
  assert.equal(readContext('/orders', 'acme.com'), '/t/acme.com/orders');
  assert.equal(readContext('/t/acme.com/orders', 'acme.com'), '/t/acme.com/orders');
});
