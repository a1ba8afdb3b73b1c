import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ConditionHead, compileCondition } from './condition.ts';
import type { Condition } from './options.ts';

function headOf(target: string, headers: Readonly<Record<string, string>> = {}): ConditionHead {
  const mark = target.indexOf('?');
  return {
    target,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark),
    header: (name) => headers[name],
  };
}

const equal = (source: Extract<Condition, { kind: 'equal' }>['source'], value: string): Condition => ({
  kind: 'equal',
  source,
  value,
});

test('a header is found under any case of its name and compared without case', () => {
  const vip = compileCondition(equal({ from: 'header', name: 'X-Tier' }, 'Gold'));
  assert.equal(vip(headOf('/', { 'x-tier': 'gOLD' })), true);
  assert.equal(vip(headOf('/', { 'x-tier': 'golden' })), false);
  assert.equal(vip(headOf('/')), false);
});

test('a parameter is the first of its name, decoded, and none is found in the middle of another', () => {
  const given = (query: string, value: string) =>
    compileCondition(equal({ from: 'param', name: 'a b' }, value))(headOf(`/x${query}`));
  assert.equal(given('?z=1&a%20b=two', 'two'), true);
  assert.equal(given('?a+b=one&a+b=two', 'one'), true);
  assert.equal(given('?xa+b=one', 'one'), false);
  assert.equal(given('?a+b', ''), true);
  assert.equal(given('?a+b=%zz', '%zz'), true);
  assert.equal(given('', ''), false);
});

test('the target can be held against a value as a whole, by its path, and by its query', () => {
  const at = (part: 'whole' | 'path' | 'query', value: string) =>
    compileCondition(equal({ from: 'url', part }, value))(headOf('/orders?x=1'));
  assert.deepEqual([at('whole', '/orders?x=1'), at('path', '/orders'), at('query', 'x=1')], [true, true, true]);
  assert.deepEqual([at('whole', '/orders'), at('path', '/orders?x=1'), at('query', '?x=1')], [false, false, false]);
});

test('an expression must fit the whole text, and is not tried on a long one', () => {
  const match = compileCondition({ kind: 'match', source: { from: 'url', part: 'path' }, pattern: '/a+|/b' });
  assert.deepEqual(
    ['/aaa', '/b', '/ab', '/bb', '/a\n', `/${'a'.repeat(2000)}`].map((path) => match(headOf(path))),
    [true, true, false, false, false, false],
  );
});

test('and, or and not mean what they say, however deep', () => {
  const leaf = fc.constantFrom<Condition>(
    equal({ from: 'header', name: 'yes' }, '1'),
    equal({ from: 'header', name: 'no' }, '1'),
  );
  const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), of: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ kind: fc.constant('not' as const), of: tie('tree') }),
    ),
  }));
  const plain = (condition: Condition): boolean => {
    if (condition.kind === 'and') return !condition.of.some((one) => !plain(one));
    if (condition.kind === 'or') return condition.of.filter(plain).length > 0;
    if (condition.kind === 'not') return plain(condition.of) === false;
    return JSON.stringify(condition).includes('yes');
  };
  fc.assert(fc.property(tree, (one) => compileCondition(one)(headOf('/', { yes: '1' })) === plain(one)));
});
