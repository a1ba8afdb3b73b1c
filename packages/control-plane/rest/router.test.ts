import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Router } from './router.ts';

const segment = fc.constantFrom('a', 'b', 'c', '{x}');
const template = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
const path = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd', '', 'a%2Fb'), { minLength: 1, maxLength: 6 })
  .map((segments) => `/${segments.join('/')}`);

/** The rule in its plainest form: of the templates that match, the one whose fixed segments come first. */
function expected(templates: readonly string[], asked: string): string | undefined {
  const parts = (asked.endsWith('/') && asked.length > 1 ? asked.slice(0, -1) : asked).split('/').slice(1);
  const matching = templates.filter((candidate) => {
    const segments = candidate.split('/').slice(1);
    return (
      segments.length === parts.length &&
      segments.every((each, index) => (each.startsWith('{') ? parts[index] !== '' : each === parts[index]))
    );
  });
  return matching.sort((left, right) => (left.replaceAll('{', '~') < right.replaceAll('{', '~') ? -1 : 1))[0];
}

test('a path leads to the template that fits it best, whatever the templates and their order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(template, { maxLength: 8 }), path, (templates, asked) => {
      const router = new Router<string>();
      for (const each of templates) router.add('GET', each, each);
      assert.equal(router.find('GET', asked)?.methods.get('GET'), expected(templates, asked));
    }),
  );
});

test('parameters have the names of their own method’s template', () => {
  const router = new Router<string>();
  router.add('GET', '/a/{id}', 'get');
  router.add('PUT', '/a/{name}/b/{other}', 'put');
  router.add('DELETE', '/a/{key}', 'delete');
  assert.deepEqual(router.find('DELETE', '/a/1')?.path, { key: '1' });
  assert.deepEqual(router.find('GET', '/a/1')?.path, { id: '1' });
  assert.deepEqual(router.find('PUT', '/a/1/b/2')?.path, { name: '1', other: '2' });
  assert.throws(() => router.add('GET', '/a/{again}', 'x'), /twice/);
});
