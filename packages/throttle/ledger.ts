import type { Authority } from './authority.ts';
import type { Charges } from './charges.ts';
import type { Clock } from './clock.ts';
import { Counter } from './counter.ts';
import { Inquiry } from './inquiry.ts';
import { rowMask } from './keys.ts';
import { LeaseBook } from './lease-book.ts';
import { asked, away, exhausted, type LeasePage, pending, unbounded } from './lease-page.ts';
import type { Limit } from './limit.ts';
import { boundedKey, prefixOf } from './name.ts';
import { SteadyTime } from './steady-time.ts';

export interface LedgerOptions {
  readonly authority: Authority;
  readonly clock: Clock;
  /** Milliseconds that a call waits for leases at most. */
  readonly patience: number;
  /**
   * What becomes of a call when the authority does not answer in time: `open` lets it pass uncounted. The others spend what this process
   * holds and no more, which is its share.
   */
  readonly fail: 'closed' | 'local-share' | 'open';
}

/** What became of a call's charges. */
export type Verdict = 'admitted' | 'refused' | 'waiting';

/** A call that waits for leases. */
export interface Parked {
  /** The call is gone: `resume` will not come, and nothing is taken for it. */
  cancel(): void;
}

/** The counters of one limit at one level; a compiled snapshot holds one where the key is known only by the call. */
export interface Book {
  counter(key: string): Counter;
}

/**
 * The counters of one process, and what it may spend of them by itself. Every decision is made here, in the call, from leases that
 * were granted before; what is missing is asked of the authority.
 */
export class Ledger {
  readonly #fail: LedgerOptions['fail'];
  readonly #books = new Map<string, LeaseBook>();
  readonly #time: SteadyTime;
  readonly #inquiry: Inquiry;

  constructor({ authority, clock, patience, fail }: LedgerOptions) {
    this.#fail = fail;
    this.#time = new SteadyTime(clock);
    this.#inquiry = new Inquiry({
      authority,
      clock,
      patience,
      time: this.#time,
      books: this.#books,
      take: (charges, hurry) => this.#take(charges, this.#time.steady(), hurry),
    });
  }

  /** Throws `RangeError` where `level` has a slash. */
  book(level: string, limit: Limit): Book {
    const prefix = prefixOf(level, limit);
    let book = this.#books.get(prefix);
    if (book === undefined) {
      book = new LeaseBook(level, limit);
      this.#books.set(prefix, book);
    }
    return new LimitBook(book, limit, this.#time);
  }

  counter(level: string, limit: Limit, key: string): Counter {
    return this.book(level, limit).counter(key);
  }

  /** Takes all charges of a call or none. `now` is what `clock.epoch()` shows. */
  take(charges: Charges, now: number): Verdict {
    return this.#take(charges, this.#time.at(now), false);
  }

  /** Parks a call whose charges are `waiting`. `resume` comes once, with a copy of the charges, within the patience; never before this returns. */
  wait(charges: Charges, resume: (verdict: 'admitted' | 'refused', charges: Charges) => void): Parked {
    return this.#inquiry.park(charges.copy(), resume);
  }

  /** Charges units after the fact, whatever is left: of a body whose length nobody knew. */
  charge(counter: Counter, units: number): void {
    const now = this.#time.steady();
    const page = this.#page(counter, now);
    const index = counter.place.row & rowMask;
    const left = page.left(index);
    const spent = Math.min(left, units);
    page.setLeft(index, left - spent);
    if (units > spent) this.#inquiry.owe(counter, page, index, units - spent);
    else if (left - spent < page.low(index)) this.#inquiry.fetchAhead(counter, page, index);
  }

  /** Counters that something is kept of. Those of windows that are over go now. */
  get size(): number {
    const now = this.#time.steady();
    let size = 0;
    for (const book of this.#books.values()) {
      if (now >= book.turnsAt) book.turn(now);
      size += book.rows.size;
    }
    return size;
  }

  /** Gives back what is held; resolves when it was taken, within a second and a half. Calls that wait, and all that come, get nothing more. */
  close(): Promise<void> {
    return this.#inquiry.close();
  }

  #take(charges: Charges, now: number, hurry: boolean): Verdict {
    const { counters, amounts, softs, taken, length } = charges;
    let waiting = -1;
    charges.at = -1;
    charges.passed = -1;
    for (let place = 0; place < length; place++) {
      const counter = counters[place] as Counter;
      const units = amounts[place] as number;
      const page = this.#page(counter, now);
      const index = counter.place.row & rowMask;
      const left = page.left(index);
      if (left >= units && left > 0) {
        taken[place] = true;
        page.setLeft(index, left - units);
        if (left - units < page.low(index)) this.#inquiry.fetchAhead(counter, page, index);
        continue;
      }
      taken[place] = false;
      const verdict = this.#lack(counter, page, index, units, hurry);
      if (verdict === 'admitted') continue;
      if (verdict === 'waiting') {
        if (waiting < 0) waiting = place;
      } else if (softs[place]) {
        if (charges.passed < 0) charges.passed = place;
      } else {
        this.#putBack(charges, place);
        charges.at = place;
        charges.cause = (page.flags(index) & (exhausted | pending)) !== 0 ? 'limit' : 'away';
        return 'refused';
      }
    }
    if (waiting < 0) return 'admitted';
    this.#putBack(charges, length);
    charges.at = waiting;
    return 'waiting';
  }

  /** The page of a counter, whose limit is in force from now on. */
  #page(counter: Counter, now: number): LeasePage {
    const page = counter.book.page(counter.place, now, counter.amount);
    const index = counter.place.row & rowMask;
    if (page.amount(index) !== counter.amount) {
      // Another limit for the same counter: it is to be seen anew what is left, and leases of a limit that was larger are too large.
      page.setAmount(index, counter.amount);
      this.#inquiry.giveBack(counter, page, index, page.left(index));
      page.forget(index);
    }
    return page;
  }

  /** What is to be done where units are missing. */
  #lack(counter: Counter, page: LeasePage, index: number, units: number, hurry: boolean): Verdict {
    const flags = page.flags(index);
    if ((flags & exhausted) !== 0) {
      if (Math.max(units, 1) > page.left(index) + page.overall(index)) return 'refused';
    } else if ((flags & (away | unbounded)) !== 0 && this.#inquiry.isQuiet) {
      return (flags & away) !== 0 ? 'refused' : 'admitted';
    }
    if (hurry) return this.#fail === 'open' && (flags & pending) === 0 ? 'admitted' : 'refused';
    if (!this.#inquiry.isUnheard) return 'waiting';
    // The authority is silent. It is asked all the same, so that it is known when it speaks again; nobody waits for that.
    if ((flags & asked) === 0) this.#inquiry.fetchAhead(counter, page, index);
    return this.#fail === 'open' ? 'admitted' : 'refused';
  }

  /** What was taken of the first charges goes back to where it was. */
  #putBack(charges: Charges, length: number): void {
    for (let place = 0; place < length; place++) {
      if (!charges.taken[place]) continue;
      charges.taken[place] = false;
      const { book, place: at } = charges.counter(place);
      // Of rows that went meanwhile the window is over.
      if (at.edition !== book.rows.edition) continue;
      const page = book.rows.page(at.row);
      const index = at.row & rowMask;
      page.setLeft(index, page.left(index) + charges.units(place));
    }
  }
}

class LimitBook implements Book {
  readonly #book: LeaseBook;
  readonly #limit: Limit;
  readonly #amount: number;
  readonly #time: SteadyTime;

  constructor(book: LeaseBook, limit: Limit, time: SteadyTime) {
    this.#book = book;
    this.#limit = limit;
    this.#amount = book.amountOf(limit);
    this.#time = time;
  }

  counter(key: string): Counter {
    return new Counter(this.#book, this.#limit, this.#amount, boundedKey(key), this.#time);
  }
}
