import type { Charges } from './charges.ts';
import type { Clock } from './clock.ts';
import { Waiting } from './want.ts';

/** Calls that wait, each for the same patience, so that they end in the order in which they came: one timer serves all. */
export class Parking {
  readonly #clock: Clock;
  readonly #patience: number;
  readonly #expire: (calls: readonly Waiting[]) => void;
  #calls: Waiting[] = [];
  #stop: (() => void) | null = null;

  /** `patience` in milliseconds; `expire` is given those whose patience has ended. */
  constructor(clock: Clock, patience: number, expire: (calls: readonly Waiting[]) => void) {
    this.#clock = clock;
    this.#patience = patience;
    this.#expire = expire;
  }

  add(charges: Charges, resume: Waiting['resume']): Waiting {
    const now = this.#clock.monotonic();
    const call = new Waiting(charges, now, now + this.#patience, resume);
    this.#calls.push(call);
    this.#watch();
    return call;
  }

  /** All of them; nobody watches their patience any longer. */
  close(): readonly Waiting[] {
    this.#stop?.();
    return this.#calls.splice(0);
  }

  #watch(): void {
    const [first] = this.#calls;
    if (this.#stop !== null || first === undefined) return;
    this.#stop = this.#clock.after(Math.max(0, first.due - this.#clock.monotonic()), () => this.#look());
  }

  #look(): void {
    this.#stop = null;
    const now = this.#clock.monotonic();
    const open = this.#calls.findIndex((call) => !call.isOver && call.due > now);
    const ended = this.#calls.splice(0, open < 0 ? this.#calls.length : open);
    this.#expire(ended.filter((call) => !call.isOver));
    this.#watch();
  }
}
