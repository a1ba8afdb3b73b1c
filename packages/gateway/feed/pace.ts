import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of work at a stretch before calls get their turn. */
const stretch = 4;

/** Long work beside calls: `breathe` gives way to them when a stretch is over, and costs nothing before. */
export class Pace {
  #since = performance.now();

  /** True when it is time to `await rest()`. */
  get isOver(): boolean {
    return performance.now() - this.#since > stretch;
  }

  async rest(): Promise<void> {
    await nextTurn();
    this.#since = performance.now();
  }
}
