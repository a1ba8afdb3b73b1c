import { rowMask, type StoredKey, storedKey } from './keys.ts';
import { LeasePage } from './lease-page.ts';
import type { Limit, Window } from './limit.ts';
import { prefixOf } from './name.ts';
import { Rows } from './rows.ts';

/** Milliseconds for which rows are kept while nobody says which window it is. */
const unopenedMillis = 60_000;

/** A place among the rows of a book, that is looked up again when the rows have moved. */
export interface Place extends StoredKey {
  edition: number;
  row: number;
}

export function placeOf(key: string): Place {
  const { stored, hash } = storedKey(key);
  return { stored, hash, edition: -1, row: 0 };
}

/**
 * What a process holds of all counters of one level, measure and window. Times are the ledger's own milliseconds, which a step back of the
 * clock does not touch.
 */
export class LeaseBook {
  readonly level: string;
  readonly prefix: string;
  readonly window: Window;
  readonly rows: Rows<LeasePage>;
  /** Of aligned windows: the number of the one that is open or was last; -1 before any. */
  number = -1;
  /** Whether that window is open. */
  isOpen = false;
  /** When rows go: the open window ends, or those from the first call that ended long ago are forgotten. */
  turnsAt = Number.POSITIVE_INFINITY;

  /** Every limit that was in force, by number. */
  readonly #limits: Limit[] = [];

  constructor(level: string, limit: Limit) {
    this.level = level;
    this.prefix = prefixOf(level, limit);
    this.window = limit.window;
    const own = limit.window.kind === 'first-call';
    this.rows = new Rows((size) => new LeasePage(size, own));
  }

  /** The number of a limit of this book. */
  amountOf(limit: Limit): number {
    const number = this.#limits.findIndex(({ amount }) => amount === limit.amount);
    return number >= 0 ? number : this.#limits.push(limit) - 1;
  }

  limitOf(amount: number): Limit {
    return this.#limits[amount] as Limit;
  }

  /** The page of a counter; its entry there is `place.row & rowMask`. What is of a window that is over by `now` is forgotten. */
  page(place: Place, now: number, amount: number): LeasePage {
    if (now >= this.turnsAt) this.turn(now);
    if (place.edition !== this.rows.edition) this.#find(place, now, amount);
    const page = this.rows.page(place.row);
    if (page.hasWindows) {
      const index = place.row & rowMask;
      if (page.endsAt(index) <= now && page.flags(index) !== 0) page.forget(index);
    }
    return page;
  }

  turn(now: number): void {
    if (this.window.kind === 'aligned') {
      this.rows.clear();
      this.isOpen = false;
      this.turnsAt = Number.POSITIVE_INFINITY;
      return;
    }
    this.rows.turn();
    this.turnsAt = this.rows.size > 0 ? now + this.window.millis : Number.POSITIVE_INFINITY;
  }

  /** The number of the window that is open for a row; 0 where none is. */
  windowOf(page: LeasePage, index: number, now: number): number {
    if (!page.hasWindows) return this.isOpen && now < this.turnsAt ? this.number : 0;
    return page.endsAt(index) > now ? page.window(index) : 0;
  }

  /** A lease has come. False where its window is over already; windows from the first call are the rows'. */
  open(number: number, endsAt: number): boolean {
    if (this.window.kind === 'first-call') return true;
    if (number < this.number) return false;
    if (number > this.number) {
      if (this.isOpen) this.rows.clear();
      this.number = number;
      this.turnsAt = endsAt;
    } else {
      // Each answer says how long it is at least.
      this.turnsAt = this.isOpen ? Math.max(this.turnsAt, endsAt) : endsAt;
    }
    this.isOpen = true;
    return true;
  }

  #find(place: Place, now: number, amount: number): void {
    let row = this.rows.find(place);
    if (row < 0) {
      row = this.rows.add(place);
      this.rows.page(row).setAmount(row & rowMask, amount);
      if (this.turnsAt === Number.POSITIVE_INFINITY) {
        this.turnsAt = now + (this.window.kind === 'first-call' ? this.window.millis : unopenedMillis);
      }
    }
    place.row = row;
    place.edition = this.rows.edition;
  }
}
