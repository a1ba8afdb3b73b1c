import { randomBytes } from 'node:crypto';

/** Rows of one page, in every table that lies beside a `Keys`: row `r` is entry `r & rowMask` of page `r >> rowBits`. */
export const rowBits = 12;
export const rowMask = (1 << rowBits) - 1;

/** Characters of a key, at most: two bytes say how many there are, and a key lies within one chunk. */
const longestKey = 4096;

const chunkBits = 16;
const chunkMask = (1 << chunkBits) - 1;
const firstChunk = 1 << 12;

/** Secrets of the process, so that nobody can choose keys that fall together. */
const seed = randomBytes(4).readInt32LE();
const factor = randomBytes(4).readInt32LE() | 1;

/** A key in the form in which it is kept, of characters below 256 alone, and where it belongs, within 32 bits. */
export interface StoredKey {
  readonly stored: string;
  readonly hash: number;
}

export function storedKey(key: string): StoredKey {
  // What looks like the other form must not be taken for it.
  if (isNarrow(key) && key.charCodeAt(0) !== 0) return { stored: key, hash: hashOf(key) };
  const stored = `\0${Buffer.from(key, 'utf8').toString('latin1')}`;
  return { stored, hash: hashOf(stored) };
}

function isNarrow(key: string): boolean {
  let all = 0;
  for (let i = 0; i < key.length; i++) all |= key.charCodeAt(i);
  return all < 256;
}

/** Four characters at once: each step waits for the one before. */
function hashOf(stored: string): number {
  const { length } = stored;
  const whole = length & ~3;
  let hash = seed ^ length;
  let at = 0;
  for (; at < whole; at += 4) {
    const low = stored.charCodeAt(at) | (stored.charCodeAt(at + 1) << 8);
    const high = stored.charCodeAt(at + 2) | (stored.charCodeAt(at + 3) << 8);
    hash = Math.imul(hash ^ low ^ (high << 16), factor);
    hash ^= hash >>> 15;
  }
  for (; at < length; at++) {
    hash = Math.imul(hash ^ stored.charCodeAt(at), factor);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

interface KeyPage {
  readonly hash: Uint32Array;
  /** Next row of the same bucket; -1 ends it. */
  readonly next: Int32Array;
  /** Where the key is: chunk and offset. */
  readonly at: Uint32Array;
}

/** Heads that keys share, at most: `app1:` of the users of an application; and how long one must be to be worth while. */
const mostHeads = 4096;
const shortestHead = 8;
/** What stands before the tail of a key: its length, and the number of its head, in two bytes each. */
const lead = 4;

/**
 * Numbers keys from 0 on. Nothing is taken out but all at once, which is how windows end; so the keys lie one behind the other as bytes,
 * those with the same first part without it, and a million users of an application take 50 MB where strings in a map take 200.
 */
export class Keys {
  size = 0;
  #heads = new Int32Array(32).fill(-1);
  #pages: KeyPage[] = [];
  #chunks: Uint8Array[] = [];
  /** First free byte of the last chunk. */
  #end = 0;
  /** First parts of keys, up to a colon; the first is none. */
  readonly #firsts: string[] = [''];
  readonly #firstOf = new Map<string, number>();
  #last = 0;

  /** The row of a key; -1 where there is none. */
  find({ stored, hash }: StoredKey): number {
    let row = this.#heads[hash & (this.#heads.length - 1)] as number;
    while (row >= 0) {
      const page = this.#pages[row >> rowBits] as KeyPage;
      const index = row & rowMask;
      if (page.hash[index] === hash && this.#is(page.at[index] as number, stored)) return row;
      row = page.next[index] as number;
    }
    return -1;
  }

  /** Adds one that is not there, and answers its row. */
  add({ stored, hash }: StoredKey): number {
    const row = this.size++;
    const page = this.#pageOf(row);
    const index = row & rowMask;
    if (this.size > this.#heads.length) this.#spread();
    const bucket = hash & (this.#heads.length - 1);
    page.hash[index] = hash;
    page.at[index] = this.#write(stored);
    page.next[index] = this.#heads[bucket] as number;
    this.#heads[bucket] = row;
    return row;
  }

  /** The key of a row. */
  text(row: number): string {
    const at = this.#pages[row >> rowBits]?.at[row & rowMask] as number;
    const chunk = this.#chunks[at >>> chunkBits] as Uint8Array;
    const place = at & chunkMask;
    const start = chunk.byteOffset + place + lead;
    const tail = Buffer.from(chunk.buffer, start, number(chunk, place)).toString('latin1');
    const stored = (this.#firsts[number(chunk, place + 2)] as string) + tail;
    return stored.charCodeAt(0) === 0 ? Buffer.from(stored.slice(1), 'latin1').toString('utf8') : stored;
  }

  /** Forgets all of them; what few keys need stays for the next ones. */
  clear(): void {
    if (this.size === 0) return;
    this.size = 0;
    this.#pages.length = Math.min(this.#pages.length, 1);
    this.#chunks.length = Math.min(this.#chunks.length, 1);
    this.#end = 0;
    this.#firsts.length = 1;
    this.#firstOf.clear();
    this.#last = 0;
    if (this.#heads.length > rowMask + 1) this.#heads = new Int32Array(rowMask + 1);
    this.#heads.fill(-1);
  }

  #is(at: number, key: string): boolean {
    const chunk = this.#chunks[at >>> chunkBits] as Uint8Array;
    const place = at & chunkMask;
    const first = this.#firsts[number(chunk, place + 2)] as string;
    const { length } = first;
    if (number(chunk, place) !== key.length - length) return false;
    const tail = place + lead - length;
    for (let i = length; i < key.length; i++) if (chunk[tail + i] !== key.charCodeAt(i)) return false;
    return key.startsWith(first);
  }

  #write(key: string): number {
    if (key.length > longestKey) throw new RangeError(`a key of ${key.length} characters is too long`);
    const first = this.#first(key);
    const { length } = this.#firsts[first] as string;
    const size = lead + key.length - length;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || this.#end + size > chunk.length) {
      if (this.#chunks.length > chunkMask) throw new RangeError('the keys of one window take more than 4 GiB');
      chunk = new Uint8Array(this.#chunks.length === 0 ? Math.max(firstChunk, size) : chunkMask + 1);
      this.#chunks.push(chunk);
      this.#end = 0;
    }
    const at = (((this.#chunks.length - 1) << chunkBits) | this.#end) >>> 0;
    const tail = key.length - length;
    let end = this.#end;
    chunk[end++] = tail >> 8;
    chunk[end++] = tail & 255;
    chunk[end++] = first >> 8;
    chunk[end++] = first & 255;
    for (let i = length; i < key.length; i++) chunk[end++] = key.charCodeAt(i);
    this.#end = end;
    return at;
  }

  /** The number of a key's first part; 0 where it is kept whole. */
  #first(key: string): number {
    // Keys of one application often come one after the other.
    if (this.#last > 0 && key.startsWith(this.#firsts[this.#last] as string)) return this.#last;
    const colon = key.indexOf(':');
    if (colon < shortestHead) return 0;
    const head = key.slice(0, colon + 1);
    const known = this.#firstOf.get(head);
    if (known !== undefined) {
      this.#last = known;
      return known;
    }
    if (this.#firsts.length > mostHeads) return 0;
    // A copy: the slice would keep the whole key.
    const own = Buffer.from(head, 'latin1').toString('latin1');
    this.#firstOf.set(own, this.#firsts.length);
    this.#last = this.#firsts.push(own) - 1;
    return this.#last;
  }

  #pageOf(row: number): KeyPage {
    const page = this.#pages[row >> rowBits];
    if (page !== undefined && (row & rowMask) < page.hash.length) return page;
    const size = pageSize(row);
    const made = { hash: new Uint32Array(size), next: new Int32Array(size), at: new Uint32Array(size) };
    if (page !== undefined) {
      made.hash.set(page.hash);
      made.next.set(page.next);
      made.at.set(page.at);
    }
    this.#pages[row >> rowBits] = made;
    return made;
  }

  /** Twice as many buckets; the row that is about to be linked is not among them yet. */
  #spread(): void {
    const heads = new Int32Array(this.#heads.length * 2).fill(-1);
    for (let row = 0; row < this.size - 1; row++) {
      const page = this.#pages[row >> rowBits] as KeyPage;
      const index = row & rowMask;
      const bucket = (page.hash[index] as number) & (heads.length - 1);
      page.next[index] = heads[bucket] as number;
      heads[bucket] = row;
    }
    this.#heads = heads;
  }
}

/** Entries of the page that is to hold a row: the first page grows with the rows, the others come whole. */
export function pageSize(row: number): number {
  if (row > rowMask) return rowMask + 1;
  let size = 32;
  while (size <= row) size *= 4;
  return Math.min(size, rowMask + 1);
}

/** Two bytes. */
function number(chunk: Uint8Array, place: number): number {
  return ((chunk[place] as number) << 8) | (chunk[place + 1] as number);
}
