import { StoreUnavailableError } from './errors.ts';

/** One at a time, in the order of asking. */
export class Mutex {
  #held = false;
  readonly #waiting = new Set<() => void>();

  /** Runs `work` alone. `waitMillis` bounds the wait, not the work; beyond it rejects with `StoreUnavailableError('locked')`. */
  async run<T>(work: () => Promise<T>, waitMillis?: number): Promise<T> {
    if (this.#held) await this.#turn(waitMillis);
    else this.#held = true;
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #turn(waitMillis: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const mine = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(mine);
      if (waitMillis === undefined) return;
      timer = setTimeout(() => {
        this.#waiting.delete(mine);
        reject(
          new StoreUnavailableError('locked', `waited ${waitMillis} ms for other changes in this process to finish`),
        );
      }, waitMillis);
    });
  }

  /** Hands the turn to the one that waited longest; the mutex stays held in between. */
  #pass(): void {
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      next();
      return;
    }
    this.#held = false;
  }
}
