import { endianness } from 'node:os';
import {
  blank,
  carriageReturn,
  colon,
  latin1,
  lineFeed,
  lowerCase,
  tab,
  tokenCharacter,
  valueCharacter,
} from './characters.ts';
import { lent } from './socket/read-buffers.ts';

/** Field names that framing and forwarding care about; `kinds` of a line. */
export const Kind = {
  /** Passed on as it is. */
  ordinary: 0,
  contentLength: 1,
  transferEncoding: 2,
  host: 3,
  connection: 4,
  expect: 5,
  /** Meant for this connection alone (RFC 9110 section 7.6.1): never passed on. */
  hop: 6,
  date: 7,
  keepAlive: 8,
  /** Never passed on either; a request for WebSocket gets a new one. */
  upgrade: 9,
  /** Passed on or replaced, by setting. */
  server: 10,
} as const;

const known: readonly (readonly [name: string, kind: number])[] = [
  ['content-length', Kind.contentLength],
  ['transfer-encoding', Kind.transferEncoding],
  ['host', Kind.host],
  ['connection', Kind.connection],
  ['expect', Kind.expect],
  ['keep-alive', Kind.keepAlive],
  ['proxy-connection', Kind.hop],
  ['proxy-authorization', Kind.hop],
  ['proxy-authenticate', Kind.hop],
  ['te', Kind.hop],
  ['trailer', Kind.hop],
  ['upgrade', Kind.upgrade],
  ['date', Kind.date],
  ['server', Kind.server],
];

const longestKnown = Math.max(...known.map(([name]) => name.length));

/** Length and first letter of a name as one number. No two of the known names share it: most fields are dismissed by one look. */
function shapeOf(length: number, first: number): number {
  return (length << 5) | (first & 0x1f);
}

const kindByShape = new Uint8Array(shapeOf(longestKnown + 1, 0));
const nameByShape: (Uint8Array | undefined)[] = new Array(kindByShape.length).fill(undefined);
for (const [name, kind] of known) {
  const shape = shapeOf(name.length, name.charCodeAt(0));
  kindByShape[shape] = kind;
  nameByShape[shape] = Buffer.from(name, 'latin1');
}

/** Facts of one line: where in the head it begins, and where its name ends, with its `Kind` in the lowest bits. */
const stride = 2;
const kindBits = 4;
const kindMask = (1 << kindBits) - 1;

/** Lines that the next head gets room for, so that its facts need not be moved: as many as the last one had. */
let expected = 12;
const mostExpected = 64;

/** The field lines of one head: the text as it came, and where each line and its name end in it. */
export class Fields {
  /** The whole head with the empty line at its end, latin1. */
  readonly text: string;
  readonly count: number;
  readonly #facts: readonly number[];
  /** A bit for each `Kind` that is there. */
  readonly #kinds: number;
  /** A bit for each length that a name has; lengths that differ by 32 share one. */
  readonly #lengths: number;

  constructor(text: string, count: number, facts: readonly number[], kinds: number, lengths: number) {
    this.text = text;
    this.count = count;
    this.#facts = facts;
    this.#kinds = kinds;
    this.#lengths = lengths;
  }

  /** The line's `Kind`. */
  kind(line: number): number {
    return (this.#facts[line * stride + 1] as number) & kindMask;
  }

  hasKind(kind: number): boolean {
    return (this.#kinds & (1 << kind)) !== 0;
  }

  lineStart(line: number): number {
    return this.#facts[line * stride] as number;
  }

  /** After the line's CRLF. */
  lineEnd(line: number): number {
    return line + 1 < this.count ? (this.#facts[(line + 1) * stride] as number) : this.text.length - 2;
  }

  #nameEnd(line: number): number {
    return (this.#facts[line * stride + 1] as number) >> kindBits;
  }

  name(line: number): string {
    return this.text.slice(this.#facts[line * stride], this.#nameEnd(line));
  }

  /** Without the blanks around it. */
  value(line: number): string {
    const { text } = this;
    let start = this.#nameEnd(line) + 1;
    let end = this.lineEnd(line) - 2;
    while (start < end && isBlank(text.charCodeAt(start))) start++;
    while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
    return text.slice(start, end);
  }

  /** Whether the line's name is `name`, which is lower-case. */
  isNamed(line: number, name: string): boolean {
    const start = this.#facts[line * stride] as number;
    const length = this.#nameEnd(line) - start;
    if (length !== name.length) return false;
    for (let index = 0; index < length; index++) {
      if (lowerCase[this.text.charCodeAt(start + index)] !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  nameLength(line: number): number {
    return this.#nameEnd(line) - (this.#facts[line * stride] as number);
  }

  /** Value of the named field (lower-case); several lines are one list (RFC 9110 section 5.3). */
  get(name: string): string | undefined {
    if ((this.#lengths & (1 << (name.length & 31))) === 0) return undefined;
    let found: string | undefined;
    for (let line = 0; line < this.count; line++) {
      if (this.isNamed(line, name)) found = found === undefined ? this.value(line) : `${found}, ${this.value(line)}`;
    }
    return found;
  }

  each(visit: (name: string, value: string) => void): void {
    for (let line = 0; line < this.count; line++) visit(this.name(line), this.value(line));
  }
}

function isBlank(code: number): boolean {
  return code === blank || code === tab;
}

/**
 * Reads the field lines of a head strictly: `name ":" OWS value OWS CRLF`, nothing else.
 * `bytes` holds the head from `start`, its fields from `first`, and ends with the empty line at `end`.
 * `text` is the head as text, where it is known already. Returns the fields, or what was wrong.
 */
export function scanFields(
  bytes: Buffer,
  start: number,
  first: number,
  end: number,
  maxCount: number,
  text: string = latin1(bytes, start, end),
): Fields | string {
  const isLent = bytes === lent.bytes;
  const memory = isLent ? lent.words : wordsOf(bytes);
  const base = isLent ? 0 : bytes.byteOffset;
  const stop = end - 2;
  const facts = new Array<number>(expected * stride);
  let at = first;
  let count = 0;
  let kinds = 0;
  let lengths = 0;
  while (at < stop) {
    if (count === maxCount) return tooManyFields;
    const lineStart = at;
    while (tokenCharacter[bytes[at] as number] === 1) at++;
    if (bytes[at] !== colon || at === lineStart) return badName(bytes, lineStart, at);
    const kind = kindOf(bytes, lineStart, at);
    facts[count * stride] = lineStart - start;
    facts[count * stride + 1] = ((at - start) << kindBits) | kind;
    kinds |= 1 << kind;
    lengths |= 1 << ((at - lineStart) & 31);
    at = endOfValue(bytes, memory, at + 1, base);
    if (bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed) return badEnd(bytes[at] as number);
    at += 2;
    count++;
  }
  expected = Math.min(count + 1, mostExpected);
  return new Fields(text, count, facts, kinds, lengths);
}

// Where a byte stands in a word decides what is let through: that must not be guessed.
if (endianness() !== 'LE')
  throw new Error('Sluice runs on little-endian processors, such as x64 and arm64; this one is big-endian');

/** Memory that was scanned last of what no socket lent. */
let words: Int32Array = new Int32Array(0);

/** The memory that `bytes` lie in, as words of four bytes. */
function wordsOf({ buffer }: Buffer): Int32Array {
  if (words.buffer !== buffer) words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  return words;
}

/**
 * Index of the first byte from `at` on that cannot stand in a value; there is one. Four bytes are looked at in one go: tokens and cookies
 * make up most of a head. `base` is where `bytes` begin in `memory`, as words of four bytes.
 */
function endOfValue(bytes: Buffer, memory: Int32Array, from: number, base: number): number {
  let at = from;
  for (;;) {
    let index = (base + at) >> 2;
    // What comes before `at` in its word is not asked about.
    let suspects = suspectsIn(memory[index] as number) & (-1 << (((base + at) & 3) << 3));
    while (suspects === 0) suspects = suspectsIn(memory[++index] as number);
    at = (index << 2) + ((31 - Math.clz32(suspects & -suspects)) >> 3) - base;
    if (valueCharacter[bytes[at] as number] !== 1) return at;
    at++;
  }
}

/**
 * The highest bit of each byte of a word that may be a control character. One below 0x20 borrows into it, 0x7f overflows into it with 1
 * added; bytes of obs-text have it themselves, and are none. A tab is let through by the table, and so is what a neighbour's borrow marks.
 */
function suspectsIn(word: number): number {
  return ((word - 0x20202020) | (word + 0x01010101)) & ~word & 0x80808080;
}

/** What `scanFields` returns when there are more than `maxCount` lines. */
export const tooManyFields = 'too many header lines';

function kindOf(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length > longestKnown) return Kind.ordinary;
  const shape = shapeOf(length, bytes[start] as number);
  const kind = kindByShape[shape] as number;
  if (kind === Kind.ordinary) return kind;
  const name = nameByShape[shape] as Uint8Array;
  for (let index = 0; index < length; index++) {
    if (lowerCase[bytes[start + index] as number] !== name[index]) return Kind.ordinary;
  }
  return kind;
}

function badName(bytes: Buffer, lineStart: number, at: number): string {
  const code = bytes[at] as number;
  if (at === lineStart) {
    if (code === blank || code === tab) return 'a header line is folded or begins with a blank';
    return code === colon ? 'a header line has no name' : `a header name holds the byte ${hex(code)}`;
  }
  if (code === blank || code === tab) return 'there is a blank between a header name and its colon';
  return `a header name holds the byte ${hex(code)}`;
}

function badEnd(code: number): string {
  if (code === lineFeed) return 'a header line ends with a bare LF';
  if (code === carriageReturn) return 'a header line holds a bare CR';
  return `a header value holds the control byte ${hex(code)}`;
}

export function hex(code: number): string {
  return `0x${code.toString(16).padStart(2, '0')}`;
}
