import { randomBytes } from 'node:crypto';

/** Rows of one page, in every table that lies beside a `Keys`: row `r` is entry `r & rowMask` of page `r >> rowBits`. */
export const rowBits = 12;
export const rowMask = (1 << rowBits) - 1;

/** Characters of a key, at most: two bytes say how many there are, and a key lies within one chunk. */
export const longestKey = 4096;

const chunkBits = 16;
const chunkMask = (1 << chunkBits) - 1;
const firstChunk = 1 << 12;

/** Secrets of the process, so that nobody can choose keys that fall together. */
const seed = randomBytes(4).readInt32LE();
const factor = randomBytes(4).readInt32LE() | 1;

/** Where a key belongs, within 32 bits. */
export function hashOf(key: string): number {
  let hash = seed;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), factor);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/** The form in which a key is kept: of characters below 256 alone. */
export function storable(key: string): string {
  for (let i = 0; i < key.length; i++) {
    if (key.charCodeAt(i) > 255) return `\0${Buffer.from(key, 'utf8').toString('latin1')}`;
  }
  // What looks like the other form must not be taken for it.
  return key.charCodeAt(0) === 0 ? `\0${Buffer.from(key, 'utf8').toString('latin1')}` : key;
}

interface KeyPage {
  readonly hash: Uint32Array;
  /** Next row of the same bucket; -1 ends it. */
  readonly next: Int32Array;
  /** Where the key is: chunk and offset. */
  readonly at: Uint32Array;
}

/**
 * Numbers keys from 0 on. Nothing is taken out but all at once, which is how windows end; so the keys lie one behind the other as bytes,
 * and a million of 60 characters take 80 MB where strings in a map take 200.
 */
export class Keys {
  size = 0;
  #heads = new Int32Array(32).fill(-1);
  #pages: KeyPage[] = [];
  #chunks: Uint8Array[] = [];
  /** First free byte of the last chunk. */
  #end = 0;

  /** The row of a storable key, whose hash is given; -1 where there is none. */
  find(key: string, hash: number): number {
    let row = this.#heads[hash & (this.#heads.length - 1)] as number;
    while (row >= 0) {
      const page = this.#pages[row >> rowBits] as KeyPage;
      const index = row & rowMask;
      if (page.hash[index] === hash && this.#is(page.at[index] as number, key)) return row;
      row = page.next[index] as number;
    }
    return -1;
  }

  /** Adds one that is not there, and answers its row. */
  add(key: string, hash: number): number {
    const row = this.size++;
    const page = this.#pageOf(row);
    const index = row & rowMask;
    if (this.size > this.#heads.length) this.#spread();
    const bucket = hash & (this.#heads.length - 1);
    page.hash[index] = hash;
    page.at[index] = this.#write(key);
    page.next[index] = this.#heads[bucket] as number;
    this.#heads[bucket] = row;
    return row;
  }

  /** The key of a row as it was before it was made storable. */
  text(row: number): string {
    const at = this.#pages[row >> rowBits]?.at[row & rowMask] as number;
    const chunk = this.#chunks[at >>> chunkBits] as Uint8Array;
    const start = (at & chunkMask) + 2;
    const length = ((chunk[start - 2] as number) << 8) | (chunk[start - 1] as number);
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset + start, length);
    return bytes[0] === 0 ? bytes.toString('utf8', 1) : bytes.toString('latin1');
  }

  /** Forgets all of them; what few keys need stays for the next ones. */
  clear(): void {
    if (this.size === 0) return;
    this.size = 0;
    this.#pages.length = Math.min(this.#pages.length, 1);
    this.#chunks.length = Math.min(this.#chunks.length, 1);
    this.#end = 0;
    if (this.#heads.length > rowMask + 1) this.#heads = new Int32Array(rowMask + 1);
    this.#heads.fill(-1);
  }

  #is(at: number, key: string): boolean {
    const chunk = this.#chunks[at >>> chunkBits] as Uint8Array;
    let place = at & chunkMask;
    const length = key.length;
    if (chunk[place++] !== length >> 8 || chunk[place++] !== (length & 255)) return false;
    for (let i = 0; i < length; i++) if (chunk[place++] !== key.charCodeAt(i)) return false;
    return true;
  }

  #write(key: string): number {
    const length = key.length;
    if (length > longestKey) throw new RangeError(`a key of ${length} characters is too long`);
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || this.#end + length + 2 > chunk.length) {
      if (this.#chunks.length > chunkMask) throw new RangeError('the keys of one window take more than 4 GiB');
      chunk = new Uint8Array(this.#chunks.length === 0 ? Math.max(firstChunk, length + 2) : chunkMask + 1);
      this.#chunks.push(chunk);
      this.#end = 0;
    }
    const at = (((this.#chunks.length - 1) << chunkBits) | this.#end) >>> 0;
    chunk[this.#end++] = length >> 8;
    chunk[this.#end++] = length & 255;
    for (let i = 0; i < length; i++) chunk[this.#end++] = key.charCodeAt(i);
    return at;
  }

  #pageOf(row: number): KeyPage {
    const number = row >> rowBits;
    const page = this.#pages[number];
    if (page !== undefined && (row & rowMask) < page.hash.length) return page;
    const size = pageSize(row);
    const made = { hash: new Uint32Array(size), next: new Int32Array(size), at: new Uint32Array(size) };
    if (page !== undefined) {
      made.hash.set(page.hash);
      made.next.set(page.next);
      made.at.set(page.at);
    }
    this.#pages[number] = made;
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
