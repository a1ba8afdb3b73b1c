import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { locate, type Path } from './positions.ts';

/** Writes a document and notes the line of each key and element as it goes. */
class Writer {
  text = '';
  readonly lines: { path: Path; line: number }[] = [];
  readonly #newline: string;
  #line = 1;
  #names = 0;

  constructor(newline: string) {
    this.#newline = newline;
  }

  write(text: string): void {
    for (const part of text.split(/(\n)/)) {
      this.text += part === '\n' ? this.#newline : part;
      if (part === '\n') this.#line++;
    }
  }

  note(path: Path): void {
    this.lines.push({ path, line: this.#line });
  }

  /** A name that no other key has, in one of the ways to write it: `[as written, as read]`. */
  name(style: number): [string, string] {
    const n = this.#names++;
    const ways: [string, string][] = [
      [`plain-${n}`, `plain-${n}`],
      [`"with.dot ${n}"`, `with.dot ${n}`],
      [`'# [not] = "${n}'`, `# [not] = "${n}`],
      [`"q\\"uote\\u00e9\\t${n}"`, `q"uote\u00e9\t${n}`],
      [`${n}`, `${n}`],
    ];
    return ways[style % ways.length] ?? ['x', 'x'];
  }
}

type Value =
  | { kind: 'scalar'; text: string }
  | { kind: 'array'; items: Value[]; lines: boolean }
  | { kind: 'table'; pairs: Pair[] };
interface Pair {
  style: number;
  dotted: boolean;
  value: Value;
}
interface Section {
  heading: 'table' | 'array';
  style: number;
  pairs: Pair[];
  children: { pairs: Pair[]; twice: boolean }[];
}

const scalar = fc
  .constantFrom(
    '1',
    '-2.5e3',
    'true',
    '1979-05-27T07:32:00Z',
    '"text # = [ { \\" "',
    "'literal \\ # = '",
    '"""\nfake = 1\n[fake]\n\\"" # end\n"""',
    "'''\nfake = 'x'\n[[fake]]\n'''",
    '"""one\\\n   more \\" """""',
    "''''quoted''''",
    '""',
    "''",
  )
  .map((text): Value => ({ kind: 'scalar', text }));
const { value } = fc.letrec<{ value: Value; pair: Pair }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.record({
      kind: fc.constant('array' as const),
      items: fc.array(tie('value'), { maxLength: 3 }),
      lines: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('table' as const), pairs: fc.array(tie('pair'), { maxLength: 3 }) }),
  ),
  pair: fc.record({ style: fc.nat(4), dotted: fc.boolean(), value: tie('value') }),
}));
const pairs = fc.array(fc.record({ style: fc.nat(4), dotted: fc.boolean(), value }), { maxLength: 4 });
const sections = fc.array(
  fc.record({
    heading: fc.constantFrom('table' as const, 'array' as const),
    style: fc.nat(4),
    pairs,
    children: fc.array(fc.record({ pairs, twice: fc.boolean() }), { maxLength: 2 }),
  }),
  { maxLength: 4 },
);

function writePair(out: Writer, pair: Pair, at: Path): void {
  const [first, read] = out.name(pair.style);
  const [second, readSecond] = out.name(pair.style + 1);
  out.note([...at, read, ...(pair.dotted ? [readSecond] : [])]);
  out.write(pair.dotted ? `${first} . ${second} = ` : `${first}=`);
  writeValue(out, pair.value, [...at, read, ...(pair.dotted ? [readSecond] : [])]);
}

function writeValue(out: Writer, value: Value, at: Path): void {
  if (value.kind === 'scalar') {
    out.write(value.text);
    return;
  }
  if (value.kind === 'table') {
    out.write('{ ');
    value.pairs.forEach((pair, index) => {
      if (index > 0) out.write(', ');
      writePair(out, pair, at);
    });
    out.write(' }');
    return;
  }
  out.write('[');
  value.items.forEach((item, index) => {
    out.write(value.lines ? '\n  # "comment" ] = [\n  ' : ' ');
    out.note([...at, index]);
    writeValue(out, item, [...at, index]);
    out.write(',');
  });
  out.write(value.lines ? ' # last\n]' : ']');
}

function writePairs(out: Writer, list: readonly Pair[], at: Path): void {
  for (const pair of list) {
    writePair(out, pair, at);
    out.write(' # comment = [\n\n');
  }
}

function writeDocument(top: readonly Pair[], list: readonly Section[], newline: string): Writer {
  const out = new Writer(newline);
  writePairs(out, top, []);
  for (const { heading, style, pairs: own, children } of list) {
    const [written, read] = out.name(style);
    const times = heading === 'array' ? 2 : 1;
    for (let element = 0; element < times; element++) {
      const at: Path = heading === 'array' ? [read, element] : [read];
      out.write(heading === 'array' ? `[[ ${written} ]]\n` : `  [${written}] # [x]\n`);
      writePairs(out, own, at);
      for (const child of children) {
        const [name, readName] = out.name(style + 1);
        const count = child.twice ? 2 : 1;
        for (let index = 0; index < count; index++) {
          out.write(child.twice ? `[[${written}.${name}]]\n` : `[ ${written} . ${name} ]\n`);
          writePairs(out, child.pairs, [...at, readName, ...(child.twice ? [index] : [])]);
        }
      }
    }
  }
  return out;
}

/** Paths of everything below tables that is no table, and of the elements of arrays. */
function paths(value: unknown, at: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => [[...at, index], ...paths(item, [...at, index])]);
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value).flatMap(([key, member]) => [[...at, key], ...paths(member, [...at, key])]);
}

test('every key and element of a valid document is found on the line that writes it', () => {
  fc.assert(
    fc.property(pairs, sections, fc.constantFrom('\n', '\r\n'), (top, list, newline) => {
      const written = writeDocument(top, list, newline);
      const parsed = parse(written.text);
      const positions = locate(written.text);
      for (const { path, line } of written.lines) {
        assert.equal(positions.line(path), line, `${JSON.stringify(path)} in\n${written.text}`);
      }
      const noted = new Set(written.lines.map(({ path }) => JSON.stringify(path)));
      const leaves = paths(parsed).filter((path) => noted.has(JSON.stringify(path)));
      assert.equal(leaves.length, noted.size, 'the parser sees the same keys as the writer wrote');
    }),
    { numRuns: 300 },
  );
});

test('broken documents are read to their end without an exception', () => {
  const piece = fc.constantFrom(
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '"""',
    "'''",
    '=',
    '.',
    ',',
    '#',
    '\n',
    '\\',
    'a',
    ' ',
    '\u0000',
    '\\U0011FFFF',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      locate(pieces.join(''));
    }),
    { numRuns: 2000 },
  );
});

test('deep nesting does not exhaust the stack', () => {
  assert.equal(locate(`a = ${'['.repeat(100_000)}`).line(['a']), 1);
  assert.equal(locate(`a = ${'{ b = '.repeat(100_000)}`).line(['a']), 1);
});

test('the last key is the one that an error is about', () => {
  assert.deepEqual(locate('[server]\nhostname = "x"\n[super_admin]\npassword = """abc\ndef').last, [
    'super_admin',
    'password',
  ]);
});
