/** Seconds of traffic that a budget looks back on. */
const span = 10;

const none = new Uint32Array(0);

/** How much of the calls may be sent a second time. */
export interface BudgetOptions {
  /** Share of the calls of the last ten seconds, 0 to 1. */
  readonly share: number;
  /** Second attempts that are let through in each second, however few calls there were. */
  readonly floor: number;
}

/** Keeps faults from growing into a storm: a group whose members all fail must not get every call once more for each of them. */
export class RetryBudget {
  readonly #options: BudgetOptions;
  /** By second. Made with the first call: many groups never have one. */
  #calls = none;
  #retries = none;
  #second = 0;
  #callSum = 0;
  #retrySum = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  /** A call came; `now` in monotonic milliseconds. */
  called(now: number): void {
    const second = this.#turn(now);
    this.#calls[second % span] = (this.#calls[second % span] as number) + 1;
    this.#callSum++;
  }

  /** Whether a call may be sent once more now. */
  permits(now: number): boolean {
    const second = this.#turn(now);
    const { share, floor } = this.#options;
    return (this.#retries[second % span] as number) < floor || this.#retrySum < share * this.#callSum;
  }

  /** It was. */
  retried(now: number): void {
    const second = this.#turn(now);
    this.#retries[second % span] = (this.#retries[second % span] as number) + 1;
    this.#retrySum++;
  }

  /** What is older than the span is forgotten. */
  #turn(now: number): number {
    if (this.#calls === none) {
      this.#calls = new Uint32Array(span);
      this.#retries = new Uint32Array(span);
    }
    const second = Math.floor(now / 1000);
    const gone = Math.min(second - this.#second, span);
    for (let step = 1; step <= gone; step++) {
      const slot = (this.#second + step) % span;
      this.#callSum -= this.#calls[slot] as number;
      this.#retrySum -= this.#retries[slot] as number;
      this.#calls[slot] = 0;
      this.#retries[slot] = 0;
    }
    if (gone > 0) this.#second = second;
    return this.#second;
  }
}
