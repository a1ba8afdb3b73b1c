import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OperationTree } from './operations.ts';
import { compileTemplate, templateValues } from './template.ts';

function tree(...operations: readonly (readonly [verb: string, target: string])[]): OperationTree<string> {
  const made = new OperationTree<string>();
  for (const [verb, target] of operations) made.add(verb, compileTemplate(target), `${verb} ${target}`);
  return made;
}

test('a parameter or a wildcard does not hide a template with more text', () => {
  const operations = tree(
    ['GET', '/*'],
    ['GET', '/orders/{id}'],
    ['GET', '/orders/{id}.json'],
    ['GET', '/orders/open'],
  );
  assert.equal(operations.find('GET', '/orders/open', 0), 'GET /orders/open');
  assert.equal(operations.find('GET', '/orders/7.json', 0), 'GET /orders/{id}.json');
  assert.equal(operations.find('GET', '/orders/7', 0), 'GET /orders/{id}');
  assert.equal(operations.find('GET', '/orders/7/items', 0), 'GET /*');
});

test('a dead end on the text side does not lose a call that fits a parameter', () => {
  const operations = tree(['GET', '/a/b/d'], ['GET', '/a/{x}/c'], ['POST', '/a/b/c']);
  assert.equal(operations.find('GET', '/a/b/c', 0), 'GET /a/{x}/c');
});

test('the wildcard serves the path above it, with and without a slash', () => {
  const operations = tree(['GET', '/files/*']);
  for (const path of ['/files', '/files/', '/files/a', '/files/a/b/']) {
    assert.equal(operations.find('GET', path, 0), 'GET /files/*', path);
  }
  assert.equal(operations.find('GET', '/filesystem', 0), undefined);
});

test('one slash at the end is not significant, two are', () => {
  const operations = tree(['GET', '/items'], ['GET', '/']);
  assert.equal(operations.find('GET', '/items/', 0), 'GET /items');
  assert.equal(operations.find('GET', '/items//', 0), undefined);
  assert.equal(operations.find('GET', '', 0), 'GET /');
  assert.equal(operations.find('GET', '/', 0), 'GET /');
});

test('an empty segment is no parameter', () => {
  assert.equal(tree(['GET', '/a/{x}/b']).find('GET', '/a//b', 0), undefined);
});

test('nothing is decoded', () => {
  const operations = tree(['GET', '/caf%C3%A9'], ['GET', '/a/{x}']);
  assert.equal(operations.find('GET', '/caf%C3%A9', 0), 'GET /caf%C3%A9');
  assert.equal(operations.find('GET', '/caf%c3%a9', 0), undefined);
  assert.equal(operations.find('GET', '/a/x%2Fy', 0), 'GET /a/{x}');
});

test('the verbs of a path are those of every template that fits it', () => {
  const operations = tree(['GET', '/orders/open'], ['DELETE', '/orders/{id}'], ['PUT', '/*'], ['POST', '/other']);
  assert.deepEqual(operations.verbs('/orders/open', 0), ['DELETE', 'GET', 'PUT']);
  assert.deepEqual(tree(['POST', '/other']).verbs('/orders', 0), []);
});

test('the values of parameters come out as they stand in the path', () => {
  const template = compileTemplate('/repos/{owner}/{base}...{head}/x');
  assert.deepEqual(Object.fromEntries(templateValues(template, '/repos/a%20b/main...topic.1/x')), {
    owner: 'a%20b',
    base: 'main',
    head: 'topic.1',
  });
});

/** Few different segments, so that paths and templates meet. */
const pathSegment = fc.constantFrom('a', 'b', 'a.b', 'ab', 'a-b', '');
const templateSegment = fc.constantFrom('a', 'b', 'a.b', '{x}', '{x}.{y}', 'a{x}', '{x}-b');

/** The naive matcher: every template as a regular expression, the best by comparing them all. */
function naive(operations: readonly (readonly [string, string])[], verb: string, path: string): string | undefined {
  const bare = path.endsWith('/') ? path.slice(0, -1) : path;
  const fits = operations.filter(([other, target]) => other === verb && expression(target).test(bare));
  return fits.map(([, target]) => target).sort((one, two) => compare(rank(one), rank(two)))[0];
}

function expression(target: string): RegExp {
  const wildcard = target.endsWith('/*');
  const body = (wildcard ? target.slice(0, -2) : target.replace(/\/$/, ''))
    .split(/(\{[^}]*\})/)
    .map((part) => (part.startsWith('{') ? '[^/]+' : RegExp.escape(part)))
    .join('');
  return new RegExp(`^${body}${wildcard ? '(/.*)?' : ''}$`, 's');
}

/** Per segment: text 0, mixed by weight and then by its text, parameter 99, wildcard 100; a template that ends there beats the wildcard. */
function rank(target: string): (number | string)[] {
  const wildcard = target.endsWith('/*');
  const { segments } = compileTemplate(target);
  const ranks = segments.flatMap((one) => {
    if (one.kind === 'mixed') return [50 - one.weight, one.literals.join('\0')];
    return [one.kind === 'static' ? 0 : 99, ''];
  });
  return [...ranks, wildcard ? 100 : -1];
}

function compare(one: readonly (number | string)[], two: readonly (number | string)[]): number {
  for (let i = 0; i < Math.max(one.length, two.length); i++) {
    const [a, b] = [one[i] ?? -2, two[i] ?? -2];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

test('templates that fit alike are chosen by their text and not by the order of their declaration', () => {
  const one = ['GET', '/{x}.{y}/*'] as const;
  const two = ['GET', '/a{x}/{x}-b'] as const;
  assert.equal(tree(one, two).find('GET', '/a.b/a-b', 0), tree(two, one).find('GET', '/a.b/a-b', 0));
});

test('property: the tree finds what a naive matcher finds', () => {
  const template = fc
    .tuple(fc.array(templateSegment, { maxLength: 3 }), fc.constantFrom('', '/*', '/'))
    .map(([segments, end]) => `${segments.map((segment) => `/${segment}`).join('')}${end}` || '/');
  const operation = fc.tuple(fc.constantFrom('GET', 'POST'), template);
  const path = fc.array(pathSegment, { maxLength: 4 }).map((segments) => segments.map((one) => `/${one}`).join(''));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 8 }), path, (operations, path) => {
      const built = tree(...operations);
      const found = built.find('GET', path, 0);
      const expected = naive(operations, 'GET', path);
      if (expected === undefined) assert.equal(found, undefined);
      else assert.deepEqual(rank((found ?? ' ').slice(4)), rank(expected));
      const verbs = ['GET', 'POST'].filter((verb) => naive(operations, verb, path) !== undefined);
      assert.deepEqual(built.verbs(path, 0), verbs);
    }),
    { numRuns: 2000 },
  );
});
