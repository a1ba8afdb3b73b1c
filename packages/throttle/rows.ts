import { Keys, pageSize, rowBits, rowMask, type StoredKey } from './keys.ts';

/** Columns of some rows. */
export interface Page<P> {
  /** Entries of each column. */
  readonly size: number;
  /** A page of `size` entries whose first ones are those of this. */
  grown(size: number): P;
  /** Takes over one entry of another page, which is not looked at again. */
  take(index: number, from: P, fromIndex: number): void;
}

interface Side<P> {
  readonly keys: Keys;
  readonly pages: P[];
}

/**
 * Rows by key, in two generations. Rows go only with all others of their generation, when every window in it is over: no free lists,
 * no timer of a row, no long pause. Whoever remembers the number of a row compares `edition` before using it.
 */
export class Rows<P extends Page<P>> {
  /** Grows when rows go or move. */
  edition = 0;
  readonly #make: (size: number) => P;
  #young: Side<P> = { keys: new Keys(), pages: [] };
  #old: Side<P> = { keys: new Keys(), pages: [] };

  /** `make` makes an empty page. */
  constructor(make: (size: number) => P) {
    this.#make = make;
  }

  get size(): number {
    return this.#young.keys.size + this.#old.keys.size;
  }

  /** The page of a row; its entry there is `row & rowMask`. */
  page(row: number): P {
    return this.#young.pages[row >> rowBits] as P;
  }

  /** The row of a key; -1 where there is none. One of the old generation becomes young. */
  find(key: StoredKey): number {
    const row = this.#young.keys.find(key);
    if (row >= 0 || this.#old.keys.size === 0) return row;
    const before = this.#old.keys.find(key);
    if (before < 0) return -1;
    const moved = this.add(key);
    this.page(moved).take(moved & rowMask, this.#old.pages[before >> rowBits] as P, before & rowMask);
    return moved;
  }

  /** All pages, of both generations. */
  *pages(): Generator<P> {
    yield* this.#young.pages;
    yield* this.#old.pages;
  }

  /** Makes a row, all zeros, for a key that has none. */
  add(key: StoredKey): number {
    const row = this.#young.keys.add(key);
    const number = row >> rowBits;
    const page = this.#young.pages[number];
    if (page === undefined) this.#young.pages[number] = this.#make(pageSize(row));
    else if ((row & rowMask) >= page.size) this.#young.pages[number] = page.grown(pageSize(row));
    return row;
  }

  /** The young generation becomes the old one, which goes. */
  turn(): void {
    const gone = this.#old;
    this.#old = this.#young;
    this.#young = gone;
    this.#empty(gone);
    this.edition++;
  }

  clear(): void {
    this.#empty(this.#young);
    this.#empty(this.#old);
    this.edition++;
  }

  /** Calls `visit` with each row's key, page and entry. Rows that moved to the young generation come with their old entry too. */
  *[Symbol.iterator](): Generator<{ readonly key: string; readonly page: P; readonly index: number }> {
    for (const { keys, pages } of [this.#young, this.#old]) {
      for (let row = 0; row < keys.size; row++) {
        yield { key: keys.text(row), page: pages[row >> rowBits] as P, index: row & rowMask };
      }
    }
  }

  #empty({ keys, pages }: Side<P>): void {
    keys.clear();
    pages.length = 0;
  }
}
