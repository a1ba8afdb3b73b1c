import type { Log } from '@sluice/model';

/** Who waits for the feed to grow. Looks outside this process only while somebody waits. */
export class Watchers {
  readonly #watchers = new Set<{ wake: () => void }>();
  readonly #watchOutside: (wake: () => void) => () => void;
  readonly #log: Log;
  #stopOutside: (() => void) | undefined;

  constructor(watchOutside: (wake: () => void) => () => void, log: Log) {
    this.#watchOutside = watchOutside;
    this.#log = log;
  }

  readonly add = (wake: () => void): (() => void) => {
    const watcher = { wake };
    this.#watchers.add(watcher);
    this.#stopOutside ??= this.#watchOutside(() => this.wake());
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.stop();
    };
  };

  wake(): void {
    for (const { wake } of this.#watchers) {
      try {
        wake();
      } catch (error) {
        this.#log.error('a watcher of the feed failed', { error });
      }
    }
  }

  stop(): void {
    this.#watchers.clear();
    this.#stopOutside?.();
    this.#stopOutside = undefined;
  }
}
