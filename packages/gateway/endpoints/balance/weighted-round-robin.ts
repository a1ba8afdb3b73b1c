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
    const count = usable.length;
    // The one whose turn it is may be looked at twice: at the end of its turn, and at the beginning of its next one.
    for (let looks = 0; looks <= count; looks++) {
      if (this.#left > 0 && usable[this.#place] === 1) {
        this.#left--;
        return this.#place;
      }
      this.#place = this.#place + 1 === count ? 0 : this.#place + 1;
      this.#left = this.#weights[this.#place] ?? 1;
    }
    return -1;
  }
}
