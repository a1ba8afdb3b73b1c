import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from './json.ts';

test('what is read is what JSON.parse reads, whatever stands inside of texts', () => {
  // Its text, since a negative zero has no spelling of its own there.
  const texts = fc.json().filter((text) => !text.includes('__proto__'));
  fc.assert(fc.property(texts, (text) => assert.deepEqual(parseJson(text), JSON.parse(text))));
  assert.deepEqual(parseJson('["[[[,\\"{{{\\\\", {"a,": "]"}]'), ['[[[,"{{{\\', { 'a,': ']' }]);
});

test('no spelling of __proto__ survives', () => {
  for (const name of ['__proto__', '\\u005f_proto__', '__\\u0070roto__', '__prot\\u006F__']) {
    assert.deepEqual(Object.getOwnPropertyNames(parseJson(`{"${name}":{"x":1},"y":2}`)), ['y'], name);
  }
});

test('nesting and numbers that would hold up the event loop are refused before they are parsed', () => {
  assert.doesNotThrow(() => parseJson('['.repeat(100) + ']'.repeat(100)));
  assert.throws(() => parseJson('['.repeat(5_000_000)), /nested more than 100 levels/);
  assert.doesNotThrow(() => parseJson(`[${'0,'.repeat(100_000)}0]`));
  assert.throws(() => parseJson(`[${'0,'.repeat(5_000_000)}0]`), /more than 250000 values/);
  assert.throws(() => parseJson(`{"a":"${'x'.repeat(1000)}`), SyntaxError);
});
