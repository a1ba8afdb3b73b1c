import { type Clock, systemClock } from '@sluice/throttle';

/** Time as a case tells it: the clock on the wall, which may be set, and the one that only runs on. Waits are real ones. */
export class ControlledClock implements Clock {
  #epoch: number;
  #monotonic = 1_000_000;
  readonly soon = systemClock.soon;
  readonly after = systemClock.after;

  constructor(start: string) {
    this.#epoch = Date.parse(start);
  }

  readonly epoch = (): number => this.#epoch;

  readonly monotonic = (): number => this.#monotonic;

  /** Lets both run on. */
  pass(millis: number): void {
    this.#epoch += millis;
    this.#monotonic += millis;
  }

  /** Lets both run on until that time of the clock on the wall, which must not be past. */
  passTo(time: string): void {
    const millis = Date.parse(time) - this.#epoch;
    if (!(millis >= 0)) throw new Error(`${time} is no time to come`);
    this.pass(millis);
  }

  /** Sets the clock on the wall; the other one runs on as if nothing had been. */
  set(time: string): void {
    this.#epoch = Date.parse(time);
  }
}
