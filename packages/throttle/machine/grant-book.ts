import { rowMask, storedKey } from '../keys.ts';
import type { Limit } from '../limit.ts';
import type { NamedCounter } from '../name.ts';
import { Rows } from '../rows.ts';
import { longestMillis } from '../window.ts';
import { AlignedWindow } from './aligned-window.ts';
import { GrantPage } from './grant-page.ts';

/** One instant, in epoch and in monotonic milliseconds. */
export interface Instant {
  readonly epoch: number;
  readonly monotonic: number;
}

/** What was granted of all counters of one level, measure and window, in the windows that are open. */
export class GrantBook {
  readonly name: Omit<NamedCounter, 'key'>;
  readonly rows: Rows<GrantPage>;
  /** The window that all rows share; null where each has its own: from its first call, or as a pool says. */
  readonly #aligned: AlignedWindow | null;
  /** When rows that have their own windows become old, in monotonic milliseconds. */
  #turnsAt = Number.POSITIVE_INFINITY;

  /** `told`: a pool says which window it is. */
  constructor(name: Omit<NamedCounter, 'key'>, told: boolean) {
    this.name = name;
    const { window } = name;
    this.#aligned = window.kind === 'aligned' && !told ? new AlignedWindow(window) : null;
    const own = this.#aligned === null;
    this.rows = new Rows((size) => new GrantPage(size, own));
  }

  /** Rows of windows that are over go. */
  turn({ epoch, monotonic }: Instant): void {
    if (this.#aligned !== null) {
      if (this.#aligned.turn(epoch, monotonic)) this.rows.clear();
    } else if (monotonic >= this.#turnsAt) {
      this.rows.turn();
      this.#turnsAt = this.rows.size > 0 ? monotonic + longestMillis(this.name.window) : Number.POSITIVE_INFINITY;
    }
  }

  /** The row of a key, after `turn`; -1 where there is none. */
  find(key: string): number {
    return this.rows.find(storedKey(key));
  }

  /** The same; one that is not there is made. */
  row(key: string, now: Instant): number {
    const stored = storedKey(key);
    const row = this.rows.find(stored);
    if (row >= 0) return row;
    if (this.#aligned === null && this.#turnsAt === Number.POSITIVE_INFINITY) {
      this.#turnsAt = now.monotonic + longestMillis(this.name.window);
    }
    return this.rows.add(stored);
  }

  /** Opens the window of a row that has its own; what was counted in the one before is gone. */
  open(row: number, number: number, endsAt: number): void {
    const page = this.rows.page(row);
    const index = row & rowMask;
    if (page.window === null || page.endsAt === null) return;
    if (page.window[index] !== number) page.begin(index);
    page.window[index] = number;
    page.endsAt[index] = endsAt;
  }

  windowOf(page: GrantPage, index: number): number {
    return page.window === null ? (this.#aligned as AlignedWindow).number : (page.window[index] as number);
  }

  /** When the window of a row ends, in monotonic milliseconds; in the past where none is open. */
  endOf(page: GrantPage, index: number): number {
    return page.endsAt === null ? (this.#aligned as AlignedWindow).endsAt : (page.endsAt[index] as number);
  }

  limitOf(page: GrantPage, index: number): Limit {
    const { measure, window } = this.name;
    return { amount: page.amount[index] as number, measure, window };
  }
}
