import type { Counter } from './counter.ts';

/**
 * What one call costs: its counters in the order of the levels, each with its units. One list serves call after call;
 * filling it allocates nothing once it has been as long as it gets.
 */
export class Charges {
  /** How many there are. */
  length = 0;
  /** After `refused` or `waiting`: place of the charge that decided it. */
  at = -1;
  /** Why it was refused: the limit is reached, or nobody could be asked whether it is (then the policy for that refused it). */
  cause: 'limit' | 'away' = 'limit';
  /** After `admitted`: place of the first soft charge whose limit was reached, so that nothing was taken of it; -1 if there is none. */
  passed = -1;

  /** By place; what stands behind `length` is of earlier calls. The ledger's own, as is whether units were taken of it. */
  readonly counters: Counter[] = [];
  readonly amounts: number[] = [];
  readonly softs: boolean[] = [];
  readonly taken: boolean[] = [];

  clear(): void {
    this.length = 0;
    this.at = -1;
    this.passed = -1;
  }

  /**
   * `units` of a counter, whole and at least 0. With 0 nothing is taken, but something must be left: for a body whose length nobody knows yet.
   * A soft charge refuses nothing: where its limit is reached the call passes, and `passed` says so (`stopOnQuotaReach` false).
   */
  add(counter: Counter, units: number, soft = false): void {
    const place = this.length++;
    this.counters[place] = counter;
    this.amounts[place] = units;
    this.softs[place] = soft;
    this.taken[place] = false;
  }

  counter(place: number): Counter {
    return this.counters[place] as Counter;
  }

  units(place: number): number {
    return this.amounts[place] as number;
  }

  soft(place: number): boolean {
    return this.softs[place] as boolean;
  }

  /** A list of the same charges that stays as it is when this one serves the next call. */
  copy(): Charges {
    const copy = new Charges();
    for (let place = 0; place < this.length; place++) {
      copy.add(this.counter(place), this.units(place), this.soft(place));
    }
    return copy;
  }
}
