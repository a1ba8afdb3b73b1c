import { setTimeout as delay } from 'node:timers/promises';

/** Waits that double from `first` to `most` milliseconds, each between half and all of its length so that gateways do not return together. */
export class Backoff {
  readonly #first: number;
  readonly #most: number;
  #failures = 0;

  constructor(first: number, most: number) {
    this.#first = first;
    this.#most = most;
  }

  /** Things work again. */
  reset(): void {
    this.#failures = 0;
  }

  /** Resolves after the next wait, or at once when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const whole = Math.min(this.#most, this.#first * 2 ** Math.min(this.#failures++, 30));
    await delay(whole * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
  }
}
