import type { Clock } from './clock.ts';
import type { LedgerTime } from './counter.ts';

/** Milliseconds without a look at the clock after which it is looked whether it was put back meanwhile. */
const gap = 5;

/**
 * Epoch milliseconds that never go back: where the clock is put back, they go on as if it had not been. Where it is put forward they
 * jump with it. A call has only the epoch to look at; the monotonic clock is asked where something seems wrong.
 */
export class SteadyTime implements LedgerTime {
  readonly #clock: Clock;
  /** Epoch and monotonic milliseconds of one instant. */
  #epoch: number;
  #monotonic: number;
  /** What was seen last. */
  #last: number;
  /** What the clock was put back by, in all. */
  #back = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#epoch = clock.epoch();
    this.#monotonic = clock.monotonic();
    this.#last = this.#epoch;
  }

  /** The steady time of an instant that the clock has just shown. */
  at(epoch: number): number {
    if (epoch < this.#last || epoch - this.#last > gap) this.#compare();
    this.#last = epoch;
    return epoch + this.#back;
  }

  steady(): number {
    return this.at(this.#clock.epoch());
  }

  epochOf(steady: number): number {
    return steady - this.#back;
  }

  #compare(): void {
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = this.#clock.monotonic();
      const epoch = this.#clock.epoch();
      const monotonic = this.#clock.monotonic();
      // Interrupted in between, the two would seem to differ.
      if (monotonic - before > 1) continue;
      const expected = this.#epoch + (monotonic - this.#monotonic);
      if (epoch < expected - 2) this.#back += expected - epoch;
      this.#epoch = epoch;
      this.#monotonic = monotonic;
      return;
    }
  }
}
