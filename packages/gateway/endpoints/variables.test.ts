import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVariables } from '@sluice/model';
import fc from 'fast-check';
import { compileTemplate } from '../snapshot/template.ts';
import { joinTarget, parseEndpointUrl } from './url.ts';
import { expandVariables, queryValue } from './variables.ts';

/** What may stand in one segment of a path, and in one pair of a query, as clients send it. */
const segment = fc.stringMatching(/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-F]{2}){1,20}$/);
const pair = fc.stringMatching(/^(?:[A-Za-z0-9\-._~!$'()*+,;:@/?]|%[0-9A-F]{2}){0,20}$/);

test('whatever a value holds, it ends neither the segment nor the pair that it stands in', () => {
  const url = parseEndpointUrl('http://b/a/{uri.var.x}/b-{query.param.q}-c?k={uri.var.x}&l={query.param.q}');
  const template = compileTemplate('/{x}/rest');
  fc.assert(
    fc.property(segment, pair, (x, q) => {
      const values = { template, path: `/${x}/rest`, query: `?other=1&q=${q}` };
      const path = expandVariables(url.path, 'path', values);
      const query = expandVariables(url.query, 'query', values);
      const target = new URL(`http://b${joinTarget(path, query, '', '')}`);
      assert.equal(path.split('/').length, 4);
      assert.equal(target.hash, '');
      assert.deepEqual([...target.searchParams.keys()], ['k', 'l']);
      const plain = (text: string) => decodeURIComponent(text.replace(/%(?![0-7][0-9A-F])/g, '%25'));
      const [, a, first, second] = path.split('/').map(plain);
      assert.deepEqual([a, first, second], ['a', plain(x), `b-${plain(q)}-c`]);
    }),
    { numRuns: 1000 },
  );
});

test('reserved characters are written as they are only where that is asked for, and none that begins another part', () => {
  const values = { template: compileTemplate('/{x}'), path: '/a%2Fb%3Fc%23d%20e%3A', query: '' };
  const expand = (text: string) => expandVariables(readVariables(text), 'path', values);
  assert.equal(expand('/{uri.var.x}/z'), '/a%2Fb%3Fc%23d%20e%3A/z');
  assert.equal(expand('/{+uri.var.x}/z'), '/a/b%3Fc%23d%20e:/z');
  assert.equal(expand('/{uri.var.none}{query.param.none}/z'), '//z');
  assert.equal(expandVariables(readVariables('{uri.var.x}'), 'path', { ...values, template: null }), '');
});

test('the first value of a parameter counts, and a name that only looks like it does not', () => {
  assert.equal(queryValue('?ab=1&a=2&a=3', 'a'), '2');
  assert.equal(queryValue('?a', 'a'), undefined);
  assert.equal(queryValue('', 'a'), undefined);
});
