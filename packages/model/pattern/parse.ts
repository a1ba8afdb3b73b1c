import { PatternError } from './pattern-error.ts';
import { classEscape, escapedCharacter, foldCase, invertRanges, type Range } from './ranges.ts';

/** What a pattern is made of. Which part of a text matched is never asked, so groups keep nothing. */
export type PatternNode =
  | { readonly kind: 'set'; readonly ranges: readonly Range[] }
  | { readonly kind: 'sequence' | 'choice'; readonly nodes: readonly PatternNode[] }
  /** `most` Infinity: as often as there is more. */
  | { readonly kind: 'repeat'; readonly node: PatternNode; readonly least: number; readonly most: number }
  | { readonly kind: 'begin' | 'end' };

/** Characters of the longest pattern. */
const maxLength = 1024;
const maxDepth = 32;
/** Most repetitions that a count may ask for. */
const maxCount = 1000;

/** Any character but those that end a line, as Java's `.`. */
const dot = invertRanges([
  [10, 10],
  [13, 13],
  [0x85, 0x85],
  [0x2028, 0x2029],
]);

/** Reads a regular expression of the kind that Java and JavaScript share. Throws `PatternError`. */
export function parsePattern(source: string): PatternNode {
  if (source.length > maxLength) throw new PatternError(`the pattern is longer than ${maxLength} characters`);
  const ignoreCase = source.startsWith('(?i)');
  const parser = new Parser(ignoreCase ? source.slice(4) : source, ignoreCase);
  return parser.whole();
}

class Parser {
  readonly #text: string;
  readonly #ignoreCase: boolean;
  #at = 0;

  constructor(text: string, ignoreCase: boolean) {
    this.#text = text;
    this.#ignoreCase = ignoreCase;
  }

  whole(): PatternNode {
    const node = this.#choice(0);
    if (this.#at < this.#text.length) throw new PatternError('the pattern closes a group that it did not open');
    return node;
  }

  #choice(depth: number): PatternNode {
    if (depth > maxDepth) throw new PatternError(`the pattern has more than ${maxDepth} groups in one another`);
    const nodes = [this.#sequence(depth)];
    while (this.#take('|')) nodes.push(this.#sequence(depth));
    return nodes.length === 1 ? (nodes[0] as PatternNode) : { kind: 'choice', nodes };
  }

  #sequence(depth: number): PatternNode {
    const nodes: PatternNode[] = [];
    while (this.#at < this.#text.length && !this.#sees('|') && !this.#sees(')')) nodes.push(this.#repeated(depth));
    return { kind: 'sequence', nodes };
  }

  #repeated(depth: number): PatternNode {
    const node = this.#atom(depth);
    const bounds = this.#quantifier();
    if (bounds === undefined) return node;
    // Lazy ones find in the same texts; possessive ones do not.
    if (!this.#take('?') && this.#sees('+')) throw new PatternError('possessive quantifiers are not read');
    if (this.#quantifier() !== undefined) throw new PatternError('a quantifier follows a quantifier');
    return { kind: 'repeat', node, ...bounds };
  }

  #quantifier(): { least: number; most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { least: 0, most: 1 };
    if (!this.#sees('{')) return undefined;
    const found = /^\{(\d{1,6})(,(\d{1,6})?)?\}/.exec(this.#text.slice(this.#at, this.#at + 16));
    if (found === null) throw new PatternError('"{" must begin a count, as in {2,5}; write \\{ for the character');
    this.#at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (least > maxCount || (most !== Number.POSITIVE_INFINITY && most > maxCount)) {
      throw new PatternError(`a count is above ${maxCount}`);
    }
    if (most < least) throw new PatternError('the bounds of a count are the wrong way round');
    return { least, most };
  }

  #atom(depth: number): PatternNode {
    if (this.#take('(')) return this.#group(depth);
    if (this.#take('[')) return this.#set(this.#class());
    if (this.#take('^')) return { kind: 'begin' };
    if (this.#take('$')) return { kind: 'end' };
    if (this.#take('.')) return { kind: 'set', ranges: dot };
    if (this.#take('\\')) return this.#escape();
    if (this.#sees('*') || this.#sees('+') || this.#sees('?') || this.#sees('{')) {
      throw new PatternError('a quantifier has nothing before it');
    }
    const code = this.#text.charCodeAt(this.#at++);
    return this.#set([[code, code]]);
  }

  #group(depth: number): PatternNode {
    if (this.#take('?')) {
      const named = /^<[A-Za-z][A-Za-z0-9]*>/.exec(this.#text.slice(this.#at, this.#at + 64));
      if (named !== null) this.#at += named[0].length;
      else if (!this.#take(':'))
        throw new PatternError('of groups with "(?" only (?:…), (?<name>…) and (?i) at the beginning are read');
    }
    const node = this.#choice(depth + 1);
    if (!this.#take(')')) throw new PatternError('a group is not closed');
    return node;
  }

  #escape(): PatternNode {
    if (this.#take('A')) return { kind: 'begin' };
    if (this.#take('z') || this.#take('Z')) return { kind: 'end' };
    return this.#set(this.#escaped());
  }

  /** What follows a backslash, as a set. */
  #escaped(): readonly Range[] {
    const known = classEscape(this.#text.charAt(this.#at));
    if (known !== undefined) {
      this.#at++;
      return known;
    }
    const found = escapedCharacter(this.#text, this.#at);
    if (found === undefined) throw new PatternError(`"\\${this.#text.charAt(this.#at)}" is not read`);
    this.#at = found.next;
    return [[found.code, found.code]];
  }

  /** A class in brackets, its opening one taken. */
  #class(): readonly Range[] {
    const inverted = this.#take('^');
    const ranges: Range[] = [];
    while (!this.#take(']')) {
      if (this.#at >= this.#text.length) throw new PatternError('a class is not closed');
      if (this.#sees('[') || this.#text.startsWith('&&', this.#at)) {
        throw new PatternError('classes in classes are not read; write \\[ or \\& for the character');
      }
      const first = this.#member();
      const dashed = this.#sees('-') && this.#text.charAt(this.#at + 1) !== ']' && first.length === 1;
      if (!dashed) {
        ranges.push(...first);
        continue;
      }
      this.#at++;
      const last = this.#member();
      const [from, to] = [first[0]?.[0] ?? 0, last[0]?.[1] ?? 0];
      if (last.length !== 1 || first[0]?.[0] !== first[0]?.[1] || to < from)
        throw new PatternError('a range of a class is the wrong way round');
      ranges.push([from, to]);
    }
    if (ranges.length === 0) throw new PatternError('a class is empty');
    const folded = this.#ignoreCase ? foldCase(ranges) : ranges;
    return inverted ? invertRanges(folded) : folded;
  }

  #member(): readonly Range[] {
    if (this.#take('\\')) return this.#escaped();
    if (this.#at >= this.#text.length) throw new PatternError('a class is not closed');
    const code = this.#text.charCodeAt(this.#at++);
    return [[code, code]];
  }

  #set(ranges: readonly Range[]): PatternNode {
    return { kind: 'set', ranges: this.#ignoreCase ? foldCase(ranges) : ranges };
  }

  #sees(character: string): boolean {
    return this.#text.charAt(this.#at) === character;
  }

  #take(character: string): boolean {
    if (!this.#sees(character)) return false;
    this.#at++;
    return true;
  }
}
