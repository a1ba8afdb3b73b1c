import { rowMask } from './keys.ts';
import { type LeaseBook, type Place, placeOf } from './lease-book.ts';
import { exhausted, known } from './lease-page.ts';
import type { Limit } from './limit.ts';
import { windowEnd } from './window.ts';

/** The ledger's time and limits, as its counters need them. */
export interface LedgerTime {
  /** The ledger's own milliseconds, now. */
  steady(): number;
  /** The same instant in epoch milliseconds. */
  epochOf(steady: number): number;
}

/**
 * One limit for one key, as a process sees it. It stays good for as long as somebody holds it: a snapshot for its whole life,
 * or a call for one look. Two of the same name count the same; the limit that was used last is in force.
 */
export class Counter {
  readonly limit: Limit;
  readonly key: string;
  /** The ledger's own: where its row is, and the number of the limit's amount. */
  readonly book: LeaseBook;
  readonly place: Place;
  readonly amount: number;
  readonly #time: LedgerTime;

  constructor(book: LeaseBook, limit: Limit, amount: number, key: string, time: LedgerTime) {
    this.book = book;
    this.limit = limit;
    this.amount = amount;
    this.key = key;
    this.place = placeOf(key);
    this.#time = time;
  }

  get level(): string {
    return this.book.level;
  }

  /** As `counterName` says it. */
  get name(): string {
    return this.book.prefix + this.key;
  }

  /** Units that are left of the window as far as this process knows; the whole amount where it knows nothing. */
  get left(): number {
    const page = this.book.page(this.place, this.#time.steady(), this.amount);
    const index = this.place.row & rowMask;
    if ((page.flags(index) & (known | exhausted)) === 0) return this.limit.amount;
    return Math.min(this.limit.amount, page.left(index) + page.overall(index));
  }

  /** When the window ends, in epoch milliseconds; of one that nobody has opened, when it would end if it opened now. */
  get resetsAt(): number {
    const now = this.#time.steady();
    const epoch = this.#time.epochOf(now);
    const page = this.book.page(this.place, now, this.amount);
    const own = windowEnd(this.limit.window, epoch);
    const ends = page.hasWindows ? page.endsAt(this.place.row & rowMask) : this.book.turnsAt;
    if (page.hasWindows ? ends <= now : !this.book.isOpen) return own;
    const told = this.#time.epochOf(ends);
    // What is told is early by the time that the answer took; where both clocks agree, ours names the same end exactly.
    return !page.hasWindows && Math.abs(own - told) < 1000 ? own : Math.ceil(told);
  }
}
