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

interface KnownName {
  readonly bytes: Uint8Array;
  readonly kind: number;
}

/** Known names by their length: most fields are dismissed by one look. */
const byLength: readonly (readonly KnownName[] | undefined)[] = (() => {
  const table: KnownName[][] = [];
  for (const [name, kind] of known) {
    const names = table[name.length] ?? [];
    names.push({ bytes: Buffer.from(name, 'latin1'), kind });
    table[name.length] = names;
  }
  return table;
})();

/** Facts of one line: where in the head it begins, where its name ends, where its value begins and ends, and its `Kind`. */
const stride = 5;

/** Lines that the next head gets room for, so that its facts need not be moved: as many as the last one had. */
let expected = 12;
const mostExpected = 64;

/** The field lines of one head: the text as it came, and where each part of each line stands in it. */
export class Fields {
  /** The whole head, latin1. */
  readonly text: string;
  readonly count: number;
  readonly #facts: readonly number[];

  constructor(text: string, count: number, facts: readonly number[]) {
    this.text = text;
    this.count = count;
    this.#facts = facts;
  }

  /** The line's `Kind`. */
  kind(line: number): number {
    return this.#facts[line * stride + 4] as number;
  }

  hasKind(kind: number): boolean {
    for (let line = 0; line < this.count; line++) if (this.kind(line) === kind) return true;
    return false;
  }

  lineStart(line: number): number {
    return this.#facts[line * stride] as number;
  }

  /** After the line's CRLF. */
  lineEnd(line: number): number {
    return line + 1 < this.count ? (this.#facts[(line + 1) * stride] as number) : this.text.length - 2;
  }

  name(line: number): string {
    return this.text.slice(this.#facts[line * stride], this.#facts[line * stride + 1]);
  }

  value(line: number): string {
    return this.text.slice(this.#facts[line * stride + 2], this.#facts[line * stride + 3]);
  }

  /** Whether the line's name is `name`, which is lower-case. */
  isNamed(line: number, name: string): boolean {
    const start = this.#facts[line * stride] as number;
    const length = (this.#facts[line * stride + 1] as number) - start;
    if (length !== name.length) return false;
    for (let index = 0; index < length; index++) {
      if (lowerCase[this.text.charCodeAt(start + index)] !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  nameLength(line: number): number {
    return (this.#facts[line * stride + 1] as number) - (this.#facts[line * stride] as number);
  }

  /** Value of the named field (lower-case); several lines are one list (RFC 9110 section 5.3). */
  get(name: string): string | undefined {
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
  const memory = bytes === lent.bytes ? lent.words : wordsOf(bytes);
  const base = bytes === lent.bytes ? 0 : bytes.byteOffset;
  const stop = end - 2;
  const facts = new Array<number>(expected * stride);
  let at = first;
  let count = 0;
  while (at < stop) {
    if (count === maxCount) return tooManyFields;
    const lineStart = at;
    while (tokenCharacter[bytes[at] as number] === 1) at++;
    if (bytes[at] !== colon || at === lineStart) return badName(bytes, lineStart, at);
    const nameEnd = at++;
    while (bytes[at] === blank || bytes[at] === tab) at++;
    const valueStart = at;
    at = endOfValue(bytes, memory, at, base);
    if (bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed) return badEnd(bytes[at] as number);
    let valueEnd = at;
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === blank || bytes[valueEnd - 1] === tab)) valueEnd--;
    at += 2;
    const slot = count * stride;
    facts[slot] = lineStart - start;
    facts[slot + 1] = nameEnd - start;
    facts[slot + 2] = valueStart - start;
    facts[slot + 3] = valueEnd - start;
    facts[slot + 4] = kindOf(bytes, lineStart, nameEnd);
    count++;
  }
  expected = Math.min(count + 1, mostExpected);
  return new Fields(text, count, facts);
}

/** Memory that was scanned last of what no socket lent. */
let words: Int32Array = new Int32Array(0);

/** The memory that `bytes` lie in, as words of four bytes. */
function wordsOf({ buffer }: Buffer): Int32Array {
  if (words.buffer !== buffer) words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  return words;
}

/**
 * Index of the first byte from `at` on that cannot stand in a value. Four bytes are looked at in one go: tokens and cookies
 * make up most of a head. `base` is where `bytes` begin in `memory`.
 */
function endOfValue(bytes: Buffer, memory: Int32Array, from: number, base: number): number {
  let at = from;
  for (;;) {
    while ((base + at) & 3) {
      if (valueCharacter[bytes[at] as number] !== 1) return at;
      at++;
    }
    let index = (base + at) >> 2;
    for (;;) {
      const word = memory[index] as number;
      // A byte below 0x20 borrows into its highest bit, 0x7f overflows into it with 1 added; those of obs-text have it themselves.
      if (((word - 0x20202020) | (word + 0x01010101)) & ~word & 0x80808080) break;
      index++;
    }
    at = (index << 2) - base;
    const stop = at + 4;
    while (at < stop && valueCharacter[bytes[at] as number] === 1) at++;
    if (at < stop) return at;
  }
}

/** What `scanFields` returns when there are more than `maxCount` lines. */
export const tooManyFields = 'too many header lines';

function kindOf(bytes: Buffer, start: number, end: number): number {
  const names = byLength[end - start];
  if (names === undefined) return Kind.ordinary;
  for (let at = 0; at < names.length; at++) {
    const { bytes: name, kind } = names[at] as KnownName;
    let index = 0;
    while (index < name.length && lowerCase[bytes[start + index] as number] === name[index]) index++;
    if (index === name.length) return kind;
  }
  return Kind.ordinary;
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
