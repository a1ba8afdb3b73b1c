import type { Page } from '../rows.ts';

/** What was granted of some counters, by column. */
export class GrantPage implements Page<GrantPage> {
  readonly size: number;
  /** Units that processes were granted or owe, less those that came back, in the window that is open. */
  readonly used: Float64Array;
  /** The limit's amount, as it was asked with last. */
  readonly amount: Float64Array;
  /** Number and end (monotonic milliseconds) of the window, where each row has its own. */
  readonly window: Float64Array | null;
  readonly endsAt: Float64Array | null;
  /** Units by the holders' seats. */
  readonly #holders: (Float32Array | undefined)[] = [];
  readonly #own: boolean;

  /** `own`: each row has a window of its own. */
  constructor(size: number, own: boolean) {
    this.size = size;
    this.used = new Float64Array(size);
    this.amount = new Float64Array(size);
    this.window = own ? new Float64Array(size) : null;
    this.endsAt = own ? new Float64Array(size) : null;
    this.#own = own;
  }

  grown(size: number): GrantPage {
    const page = new GrantPage(size, this.#own);
    page.used.set(this.used);
    page.amount.set(this.amount);
    page.window?.set(this.window as Float64Array);
    page.endsAt?.set(this.endsAt as Float64Array);
    this.#holders.forEach((units, holder) => {
      if (units === undefined) return;
      const column = new Float32Array(size);
      column.set(units);
      page.#holders[holder] = column;
    });
    return page;
  }

  take(index: number, from: GrantPage, fromIndex: number): void {
    this.used[index] = from.used[fromIndex] as number;
    this.amount[index] = from.amount[fromIndex] as number;
    from.#holders.forEach((units, holder) => {
      if (units !== undefined) this.hold(index, holder, units[fromIndex] as number);
    });
    if (this.window === null || this.endsAt === null || from.window === null || from.endsAt === null) return;
    this.window[index] = from.window[fromIndex] as number;
    this.endsAt[index] = from.endsAt[fromIndex] as number;
    // The entry that stays behind is not counted a second time.
    from.endsAt[fromIndex] = 0;
  }

  /** So many units more (less, where negative) are with the holder at a seat. */
  hold(index: number, seat: number, units: number): void {
    let column = this.#holders[seat];
    if (column === undefined) {
      if (units <= 0) return;
      column = new Float32Array(this.size);
      this.#holders[seat] = column;
    }
    column[index] = Math.max(0, (column[index] as number) + units);
  }

  /** Units that the holder at a seat has. */
  heldAt(index: number, seat: number): number {
    return this.#holders[seat]?.[index] ?? 0;
  }

  /** Units by seat, of those who have any. */
  held(index: number): { readonly seat: number; readonly units: number }[] {
    const found: { seat: number; units: number }[] = [];
    this.#holders.forEach((column, seat) => {
      const units = column?.[index] ?? 0;
      if (units > 0) found.push({ seat, units });
    });
    return found;
  }

  /** What is held at one seat is another's from now on. */
  pass(seat: number, to: number): void {
    const column = this.#holders[seat];
    if (column === undefined) return;
    this.#holders[seat] = undefined;
    const theirs = this.#holders[to];
    if (theirs === undefined) this.#holders[to] = column;
    else
      for (let index = 0; index < this.size; index++)
        theirs[index] = (theirs[index] as number) + (column[index] as number);
  }

  /** Nothing was granted. */
  begin(index: number): void {
    this.used[index] = 0;
    for (const column of this.#holders) if (column !== undefined) column[index] = 0;
  }
}
