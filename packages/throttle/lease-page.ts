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

/** Leases of some counters, by column. */
export class LeasePage implements Page<LeasePage> {
  readonly size: number;
  /** Units that may be spent until the window ends. */
  readonly left: Float64Array;
  /** More is asked for when fewer than so many are left; 0 asks only when calls wait. */
  readonly low: Float32Array;
  /** Units of the whole limit that nobody held when it was asked last, rounded up. */
  readonly overall: Float32Array;
  /** The limit's amount, by its number in the ledger. */
  readonly amount: Uint32Array;
  readonly flags: Uint8Array;
  /** Number and end of the window, in the ledger's milliseconds, where each row has its own. */
  readonly window: Float64Array | null;
  readonly endsAt: Float64Array | null;
  readonly #own: boolean;

  /** `own`: each row has a window of its own. */
  constructor(size: number, own: boolean) {
    this.size = size;
    this.left = new Float64Array(size);
    this.low = new Float32Array(size);
    this.overall = new Float32Array(size);
    this.amount = new Uint32Array(size);
    this.flags = new Uint8Array(size);
    this.window = own ? new Float64Array(size) : null;
    this.endsAt = own ? new Float64Array(size) : null;
    this.#own = own;
  }

  grown(size: number): LeasePage {
    const page = new LeasePage(size, this.#own);
    page.left.set(this.left);
    page.low.set(this.low);
    page.overall.set(this.overall);
    page.amount.set(this.amount);
    page.flags.set(this.flags);
    page.window?.set(this.window as Float64Array);
    page.endsAt?.set(this.endsAt as Float64Array);
    return page;
  }

  take(index: number, from: LeasePage, fromIndex: number): void {
    this.left[index] = from.left[fromIndex] as number;
    this.low[index] = from.low[fromIndex] as number;
    this.overall[index] = from.overall[fromIndex] as number;
    this.amount[index] = from.amount[fromIndex] as number;
    this.flags[index] = from.flags[fromIndex] as number;
    if (this.window !== null) this.window[index] = from.window?.[fromIndex] as number;
    if (this.endsAt === null || from.endsAt === null) return;
    this.endsAt[index] = from.endsAt[fromIndex] as number;
    from.left[fromIndex] = 0;
  }

  /** A lease has come: false where its window is over, and another one open. Aligned windows are the book's. */
  open(index: number, window: number, endsAt: number): boolean {
    if (this.window === null || this.endsAt === null) return true;
    const before = this.window[index] as number;
    if (window < before) return false;
    if (window > before) this.forget(index);
    this.window[index] = window;
    this.endsAt[index] = Math.max(endsAt, window > before ? 0 : (this.endsAt[index] as number));
    return true;
  }

  /** Keeps what is known of a row although it has no open window. One that has ends when it ends, and its leases with it. */
  keepUntil(index: number, now: number, until: number): void {
    if (this.window === null || this.endsAt === null || (this.endsAt[index] as number) > now) return;
    this.window[index] = 0;
    this.endsAt[index] = until;
  }

  /** Forgets all about a row but the limit that is in force. */
  forget(index: number): void {
    this.left[index] = 0;
    this.low[index] = 0;
    this.overall[index] = 0;
    this.flags[index] = 0;
  }
}
