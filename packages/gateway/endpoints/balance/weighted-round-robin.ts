import type { Algorithm } from './algorithm.ts';

/**
 * Each in turn, as many calls in a row as its weight says (Synapse's `WeightedRoundRobin`). Synapse does not ask whether a member
 * is ready; here one that is not usable loses the rest of its turn.
 */
export class WeightedRoundRobin implements Algorithm {
  readonly #weights: readonly number[];
  #place = 0;
  #left: number;

  constructor(weights: readonly number[]) {
    this.#weights = weights;
    this.#left = weights[0] ?? 0;
  }

  next(usable: Uint8Array): number {
    if (this.#left > 0 && usable[this.#place] === 1) {
      this.#left--;
      return this.#place;
    }
    const count = usable.length;
    for (let step = 1; step <= count; step++) {
      const place = (this.#place + step) % count;
      if (usable[place] !== 1) continue;
      this.#place = place;
      this.#left = (this.#weights[place] as number) - 1;
      return place;
    }
    return -1;
  }
}
