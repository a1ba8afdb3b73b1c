import { type Clock, systemClock } from '@sluice/throttle';

/** Time as a case tells it: the clock on the wall, which may be set, and the one that only runs on, by which timers go. */
export class ControlledClock implements Clock {
  #epoch: number;
  #monotonic = 1_000_000;
  readonly soon = systemClock.soon;
  readonly #timers = new Set<{ readonly due: number; run(): void }>();

  constructor(start: string) {
    this.#epoch = Date.parse(start);
  }

  readonly epoch = (): number => this.#epoch;

  readonly monotonic = (): number => this.#monotonic;

  after(millis: number, run: () => void): () => void {
    const timer = { due: this.#monotonic + millis, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets both run on; timers that are due then run. */
  pass(millis: number): void {
    this.#epoch += millis;
    this.#monotonic += millis;
    const due = [...this.#timers].filter((timer) => timer.due <= this.#monotonic);
    for (const timer of due.sort((a, b) => a.due - b.due)) if (this.#timers.delete(timer)) timer.run();
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
