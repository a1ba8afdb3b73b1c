import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readChallenges } from './challenge.ts';

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/);
const blank = fc.constantFrom('', ' ', '\t ', '  ');
const value = fc.string({ unit: 'binary-ascii', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ''));

/** A challenge, and one of the ways to write it. */
const written = fc
  .record({
    scheme: word,
    parameters: fc.uniqueArray(fc.tuple(word, value, fc.boolean()), {
      selector: ([name]) => name.toLowerCase(),
      maxLength: 5,
    }),
    blanks: fc.array(blank, { minLength: 4, maxLength: 4 }),
  })
  .map(({ scheme, parameters, blanks: [before, after, left, right] }) => {
    const pairs = parameters.map(([name, text, plain]) =>
      plain && /^[A-Za-z0-9]+$/.test(text)
        ? `${name}${left}=${right}${text}`
        : `${name}${left}=${right}"${text.replace(/["\\]/g, '\\$&')}"`,
    );
    return {
      text: pairs.length === 0 ? scheme : `${scheme} ${pairs.join(`${before},${after}`)}`,
      read: {
        scheme: scheme.toLowerCase(),
        parameters: new Map(parameters.map(([name, text]) => [name.toLowerCase(), text])),
      },
    };
  });

test('whatever way challenges are written, they are read as what was meant', () => {
  fc.assert(
    fc.property(
      fc.array(written, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(',', ', ', ' , ', ',,  '),
      (all, joint) => {
        assert.deepEqual(
          readChallenges(all.map(({ text }) => text).join(joint)),
          all.map(({ read }) => read),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test('rubbish neither throws nor takes long', () => {
  const pieces = fc.constantFrom('Digest ', 'realm', '=', '"', '\\', ',', ' ', 'a', '==', '\t', '\u00ff', 'nonce="');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 400 }).map((all) => all.join('')),
      ),
      (field) => {
        for (const { scheme } of readChallenges(field)) assert.match(scheme, /^\S+$/);
      },
    ),
    { numRuns: 500 },
  );
  const began = performance.now();
  for (const piece of ['"', '\\', ',', 'a=', 'a ', ' \t', 'a="', 'Digest a="\\', 'a = ', '=']) {
    readChallenges(piece.repeat(16_000 / piece.length));
  }
  readChallenges(`a${' '.repeat(16_000)}b`);
  assert.ok(performance.now() - began < 2000);
});

test('a broken challenge is left out, the others are not', () => {
  const read = (field: string) => readChallenges(field).map(({ scheme }) => scheme);
  assert.deepEqual(read('Negotiate abc==, Basic realm="x"'), ['negotiate', 'basic']);
  assert.deepEqual(read('NTLM, Basic realm="a, b", Digest nonce=1'), ['ntlm', 'basic', 'digest']);
  assert.deepEqual(read('Digest realm=@, Basic realm="x"'), ['basic']);
  assert.deepEqual(read('Basic realm="x", @, Digest nonce=1'), ['digest']);
  assert.deepEqual(read('Digest realm="never ends, Basic realm=x'), []);
  assert.deepEqual(read(`Digest realm="${'x'.repeat(17_000)}"`), []);
});

test('of a parameter that is given twice the first counts', () => {
  assert.equal(readChallenges('Digest nonce=a, Nonce=b')[0]?.parameters.get('nonce'), 'a');
});
