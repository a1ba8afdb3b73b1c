/** A place inside a document: names of keys and indexes of array elements, outermost first. */
export type Path = readonly (string | number)[];

/** Where the leaves of a TOML document stand. The parser gives values without positions; this gives positions without values. */
export interface Positions {
  /** Line, from 1, of the key or array element at `path`. */
  line(path: Path): number | undefined;
  /** The key whose line or value was read last: what a syntax error there is about. */
  readonly last: Path;
}

/**
 * Finds the line of every key and array element. Meant for documents that the parser took; on a broken one it finds what it can,
 * never throws, and takes time linear in the length.
 */
export function locate(text: string): Positions {
  const scanner = new Scanner(text);
  scanner.document();
  const { lines } = scanner;
  return { line: (path) => lines.get(identity(path)), last: scanner.last };
}

function identity(path: Path): string {
  let id = '';
  for (const step of path) id += typeof step === 'number' ? `\u0001${step}` : `\u0000${step}`;
  return id;
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };
/** Deeper nesting than the parser takes; what lies below is left without a position. */
const maximumDepth = 64;

class Scanner {
  readonly lines = new Map<string, number>();
  last: Path = [];
  readonly #text: string;
  #at = 0;
  #line = 1;
  /** Number of tables of each array of tables, by its identity. */
  readonly #tables = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
    if (text.charCodeAt(0) === 0xfeff) this.#at = 1;
  }

  document(): void {
    let table: Path = [];
    for (;;) {
      this.#blank(true);
      if (this.#at >= this.#text.length) return;
      if (this.#peek() === '[') table = this.#header();
      else if (!this.#pair(table, 0)) this.#rest();
    }
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  /** Passes over blanks, and over line ends and comments too where `lines` may follow each other. */
  #blank(lines: boolean): void {
    for (;;) {
      const c = this.#peek();
      if (c === ' ' || c === '\t' || c === '\r') this.#at++;
      else if (lines && c === '\n') {
        this.#at++;
        this.#line++;
      } else if (lines && c === '#') this.#rest();
      else return;
    }
  }

  /** Passes over what is left of the line. */
  #rest(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #header(): Path {
    const line = this.#line;
    this.#at++;
    const ofArray = this.#peek() === '[';
    if (ofArray) this.#at++;
    const names = this.#key();
    this.#rest();
    const path: (string | number)[] = [];
    names.forEach((name, index) => {
      path.push(name);
      const id = identity(path);
      const count = this.#tables.get(id);
      if (ofArray && index === names.length - 1) {
        this.#tables.set(id, (count ?? 0) + 1);
        path.push(count ?? 0);
      } else if (count !== undefined) path.push(count - 1);
    });
    this.last = path;
    this.#found(path, line);
    return path;
  }

  /** `key = value` inside `table`; false when there is no key. */
  #pair(table: Path, depth: number): boolean {
    const line = this.#line;
    const names = this.#key();
    if (names.length === 0) return false;
    const path = [...table, ...names];
    this.last = path;
    this.#found(path, line);
    this.#blank(false);
    if (this.#peek() !== '=') return false;
    this.#at++;
    this.#blank(true);
    this.#value(path, depth);
    return true;
  }

  #found(path: Path, line: number): void {
    const id = identity(path);
    if (!this.lines.has(id)) this.lines.set(id, line);
  }

  /** The parts of a dotted key; what stands after it is left unread. */
  #key(): string[] {
    const names: string[] = [];
    for (;;) {
      this.#blank(false);
      const c = this.#peek();
      if (c === '"' || c === "'") names.push(this.#quotedName(c));
      else {
        const start = this.#at;
        while (/[^\s.=[\]{}"'#,]/.test(this.#peek())) this.#at++;
        if (this.#at === start) return names;
        names.push(this.#text.slice(start, this.#at));
      }
      this.#blank(false);
      if (this.#peek() !== '.') return names;
      this.#at++;
    }
  }

  #quotedName(quote: string): string {
    this.#at++;
    let name = '';
    for (;;) {
      const c = this.#peek();
      if (c === '' || c === '\n') return name;
      this.#at++;
      if (c === quote) return name;
      name += c === '\\' && quote === '"' ? this.#escape() : c;
    }
  }

  #escape(): string {
    const c = this.#peek();
    this.#at++;
    const digits = c === 'x' ? 2 : c === 'u' ? 4 : c === 'U' ? 8 : 0;
    if (digits === 0) return escapes[c] ?? c;
    const code = Number.parseInt(this.#text.slice(this.#at, this.#at + digits), 16);
    this.#at += digits;
    return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  }

  #value(path: Path, depth: number): void {
    const c = this.#peek();
    if (c === '"' || c === "'") this.#string(c);
    else if (depth < maximumDepth && c === '[') this.#array(path, depth + 1);
    else if (depth < maximumDepth && c === '{') this.#inlineTable(path, depth + 1);
    else while (/[^\n,\]}#]/.test(this.#peek())) this.#at++;
  }

  #string(quote: string): void {
    const long = quote.repeat(3);
    if (!this.#text.startsWith(long, this.#at)) {
      this.#quotedName(quote);
      return;
    }
    this.#at += 3;
    while (this.#at < this.#text.length && !this.#text.startsWith(long, this.#at)) {
      if (this.#peek() === '\\' && quote === '"') this.#at++;
      if (this.#peek() === '\n') this.#line++;
      this.#at++;
    }
    // Up to two quotes may stand right before the closing three.
    this.#at += 3;
    for (let more = 0; more < 2 && this.#peek() === quote; more++) this.#at++;
  }

  #array(path: Path, depth: number): void {
    this.#at++;
    for (let index = 0; ; ) {
      this.#blank(true);
      const c = this.#peek();
      if (c === '') return;
      if (c === ']') {
        this.#at++;
        return;
      }
      if (c === ',') {
        this.#at++;
        index++;
        continue;
      }
      const element = [...path, index];
      this.#found(element, this.#line);
      const before = this.#at;
      this.#value(element, depth);
      if (this.#at === before) this.#at++;
    }
  }

  #inlineTable(path: Path, depth: number): void {
    this.#at++;
    for (;;) {
      this.#blank(true);
      const c = this.#peek();
      if (c === '') return;
      if (c === '}') {
        this.#at++;
        return;
      }
      const before = this.#at;
      if (c === ',' || !this.#pair(path, depth)) this.#at = Math.max(this.#at, before + 1);
    }
  }
}
