/** Milliseconds a test waits for what should happen at once. */
const patience = 4000;

/** Promises that come true when a condition does; whoever changes what the conditions look at calls `wake`. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Resolves with the first value of `probe` that is not undefined; rejects with `what` and `state()` when it stays out. */
  until<T>(what: string, probe: () => T | undefined, state: () => string = () => ''): Promise<T> {
    const found = probe();
    if (found !== undefined) return Promise.resolve(found);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = () => {
      try {
        const value = probe();
        if (value === undefined) return;
        resolve(value);
      } catch (error) {
        reject(error);
      }
      clearTimeout(timer);
      this.#waiting.delete(look);
    };
    const timer = setTimeout(() => {
      this.#waiting.delete(look);
      reject(new Error(`${what}: not within ${patience} ms. ${state()}`));
    }, patience);
    this.#waiting.add(look);
    return promise;
  }

  wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
