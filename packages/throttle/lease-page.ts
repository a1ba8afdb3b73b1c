import type { Page } from './rows.ts';

/** What is known of a row; all zero: nothing. */
export const known = 1;
/** Nobody gets more than `left` and `overall` in this window. */
export const exhausted = 2;
/** Nobody could be asked, and calls are refused; or they pass uncounted. For a moment, then it is asked again. */
export const away = 4;
export const unbounded = 8;
/** More was asked for ahead of need. */
export const asked = 16;
/** The last answer was that units may come back. */
export const pending = 32;

/** Columns of a row: what every call reads lies together, since after the kernel's work between two calls little of it is near. */
const [leftColumn, lowColumn, stateColumn, endColumn, windowColumn] = [0, 1, 2, 3, 4];
/** Columns of rows without windows of their own. */
const commonColumns = 3;
const allColumns = 5;
/** A row's state is its flags, and above them the number of its limit's amount. */
const flagBits = 6;
const flagMask = (1 << flagBits) - 1;

/** Leases of some counters. */
export class LeasePage implements Page<LeasePage> {
  readonly size: number;
  /** Each row has a window of its own. */
  readonly hasWindows: boolean;
  readonly #columns: number;
  readonly #rows: Float64Array;
  readonly #overall: Float32Array;

  constructor(size: number, hasWindows: boolean) {
    this.size = size;
    this.hasWindows = hasWindows;
    this.#columns = hasWindows ? allColumns : commonColumns;
    this.#rows = new Float64Array(size * this.#columns);
    this.#overall = new Float32Array(size);
  }

  /** Units that may be spent until the window ends. */
  left(index: number): number {
    return this.#rows[index * this.#columns + leftColumn] as number;
  }

  setLeft(index: number, units: number): void {
    this.#rows[index * this.#columns + leftColumn] = units;
  }

  /** More is asked for when fewer than so many are left; 0 asks only when calls wait. */
  low(index: number): number {
    return this.#rows[index * this.#columns + lowColumn] as number;
  }

  setLow(index: number, units: number): void {
    this.#rows[index * this.#columns + lowColumn] = units;
  }

  /** The limit's amount, by its number in the ledger. */
  amount(index: number): number {
    return this.#state(index) >> flagBits;
  }

  setAmount(index: number, amount: number): void {
    this.#rows[index * this.#columns + stateColumn] = (amount << flagBits) | this.flags(index);
  }

  flags(index: number): number {
    return this.#state(index) & flagMask;
  }

  setFlags(index: number, flags: number): void {
    this.#rows[index * this.#columns + stateColumn] = (this.#state(index) & ~flagMask) | flags;
  }

  /** Units of the whole limit that nobody held when it was asked last, rounded up. */
  overall(index: number): number {
    return this.#overall[index] as number;
  }

  setOverall(index: number, units: number): void {
    this.#overall[index] = units;
  }

  /** End of a row's own window, in the ledger's milliseconds. */
  endsAt(index: number): number {
    return this.#rows[index * this.#columns + endColumn] as number;
  }

  /** Number of a row's own window. */
  window(index: number): number {
    return this.#rows[index * this.#columns + windowColumn] as number;
  }

  grown(size: number): LeasePage {
    const page = new LeasePage(size, this.hasWindows);
    page.#rows.set(this.#rows);
    page.#overall.set(this.#overall);
    return page;
  }

  take(index: number, from: LeasePage, fromIndex: number): void {
    const start = fromIndex * from.#columns;
    this.#rows.set(from.#rows.subarray(start, start + from.#columns), index * this.#columns);
    this.#overall[index] = from.overall(fromIndex);
    from.setLeft(fromIndex, 0);
  }

  /** A lease has come: false where its window is over, and another one open. Aligned windows are the book's. */
  open(index: number, window: number, endsAt: number): boolean {
    if (!this.hasWindows) return true;
    const before = this.window(index);
    if (window < before) return false;
    if (window > before) this.forget(index);
    this.#setWindow(index, window, Math.max(endsAt, window > before ? 0 : this.endsAt(index)));
    return true;
  }

  /** Keeps what is known of a row although it has no open window. One that has ends when it ends, and its leases with it. */
  keepUntil(index: number, now: number, until: number): void {
    if (this.hasWindows && this.endsAt(index) <= now) this.#setWindow(index, 0, until);
  }

  /** Forgets all about a row but the limit that is in force. */
  forget(index: number): void {
    this.setLeft(index, 0);
    this.setLow(index, 0);
    this.setOverall(index, 0);
    this.setFlags(index, 0);
  }

  #state(index: number): number {
    return this.#rows[index * this.#columns + stateColumn] as number;
  }

  #setWindow(index: number, window: number, endsAt: number): void {
    const start = index * this.#columns;
    this.#rows[start + windowColumn] = window;
    this.#rows[start + endColumn] = endsAt;
  }
}
