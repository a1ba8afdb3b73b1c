import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxSubject, Pattern } from './pattern.ts';
import { PatternError } from './pattern-error.ts';

/** Patterns that JavaScript reads as Java does; short texts, since JavaScript tries one way after the other. */
const sources = fc
  .letrec<{ one: string; atom: string; sequence: string }>((tie) => ({
    atom: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      fc.constantFrom(
        'a',
        'b',
        'c',
        '.',
        '\\d',
        '\\w',
        '\\S',
        '[ab]',
        '[^a]',
        '[a-c1]',
        '[^\\d]',
        '\\.',
        '\\x61',
        '^',
        '$',
      ),
      tie('one').map((inner) => `(?:${inner})`),
      tie('one').map((inner) => `(${inner})`),
    ),
    sequence: fc
      .array(fc.tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{0,}', '*?', '+?')), {
        maxLength: 4,
      })
      .map((parts) => parts.map(([atom, quantifier]) => (/^[$^]$/.test(atom) ? atom : atom + quantifier)).join('')),
    one: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|')),
  }))
  .one.filter((source) => source.length <= 40);

const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', 'A', '1', '.', ' ', 'é', '€'), { maxLength: 8 })
  .map((all) => all.join(''));

test('a pattern finds something else than the regular expression of the same text', () => {
  fc.assert(
    fc.property(sources, fc.array(texts, { minLength: 1, maxLength: 8 }), fc.boolean(), (source, list, ignoreCase) => {
      const pattern = new Pattern(ignoreCase ? `(?i)${source}` : source);
      const model = new RegExp(source, ignoreCase ? 'i' : '');
      const whole = new Pattern(source, { whole: true });
      const wholeModel = new RegExp(`^(?:${source})$`);
      for (const text of list) {
        assert.equal(pattern.test(text), model.test(text), `${model} in ${JSON.stringify(text)}`);
        assert.equal(whole.test(text), wholeModel.test(text), `${wholeModel} in ${JSON.stringify(text)}`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('rubbish makes a pattern throw something else than its own error, or never end', () => {
  const rubbish = fc.array(fc.constantFrom(...'()[]{}*+?|^$.\\-,0129adwzQ&<:=!i'), { maxLength: 30 });
  fc.assert(
    fc.property(rubbish, texts, (characters, text) => {
      try {
        new Pattern(characters.join('')).test(text);
      } catch (error) {
        assert.ok(error instanceof PatternError, String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

test('a pattern with more states than are remembered finds something else in a later text', () => {
  // Which of the last so many letters was an a: each combination is a state of its own.
  const states = new Pattern('a[ab]{12}c|^[ab]*b$|^$');
  const model = /a[ab]{12}c|^[ab]*b$|^$/;
  fc.assert(
    fc.property(
      fc
        .array(fc.constantFrom(...'ababababababababababababababababababababc'), { maxLength: 400, size: 'max' })
        .map((all) => all.join('')),
      (text) => assert.equal(states.test(text), model.test(text), text),
    ),
    { numRuns: 500 },
  );
});

test('a pattern of very many states, or of counts in counts, holds up the process', () => {
  let seed = 1;
  const noise = Array.from({ length: maxSubject }, () => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed % 3 === 0 ? 'a' : 'b';
  }).join('');
  for (const source of ['a.{900}#', '(a|b)*a(a|b){400}#', '(.?){600}.{600}#', '(((){1000}){1000}){1000}#']) {
    const begun = process.cpuUsage();
    const pattern = new Pattern(source);
    for (let length = 100; length <= maxSubject; length *= 2) assert.equal(pattern.test(noise.slice(0, length)), false);
    const { user } = process.cpuUsage(begun);
    assert.ok(user < 1_000_000, `${source} took ${user} µs`);
  }
  assert.ok(new Pattern('a[ab]{900}').test(noise.slice(0, 1000)), 'a text that is not too long for its steps');
});

test('a hostile pattern holds up the process', () => {
  const text = 'a'.repeat(maxSubject - 1);
  for (const source of ['(a+)+$b', '(a|a)*b', 'a*a*a*a*a*a*b', '(?:a|aa|aaa)+[^a]', '(a?){200}a{200}b', '.*.*.*=.*z']) {
    const begun = process.cpuUsage();
    const pattern = new Pattern(source);
    assert.equal(pattern.test(text), false, source);
    assert.equal(pattern.test(`${text}é`.slice(1)), source.includes('[^a]'), source);
    const { user } = process.cpuUsage(begun);
    assert.ok(user < 2_000_000, `${source} took ${user} µs`);
  }
  assert.equal(new Pattern('').test(`${text}aa`), false, 'too long a text');
});

test('what cannot be followed at once is read', () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['(a)\\1', /"\\1" is not read/],
    ['(?=a)', /only \(\?:…\)/],
    ['(?!a)', /only \(\?:…\)/],
    ['a*+', /possessive/],
    ['a**', /quantifier follows/],
    ['*a', /nothing before/],
    ['\\bword', /"\\b" is not read/],
    ['\\p{Alpha}', /"\\p" is not read/],
    ['[a-', /not closed/],
    ['[]', /not closed|empty/],
    ['[b-a]', /wrong way round/],
    ['[a[b]]', /classes in classes/],
    ['(a', /not closed/],
    ['a)', /closes a group/],
    ['a{2,1}', /wrong way round/],
    ['a{x}', /must begin a count/],
    ['a{1001}', /above 1000/],
    ['(a{1000}){1000}', /more than 2000 steps/],
    [`${'('.repeat(40)}a`, /groups in one another/],
    ['a'.repeat(1025), /longer than 1024/],
  ];
  for (const [source, reason] of refused) assert.throws(() => new Pattern(source), reason, source);
});
