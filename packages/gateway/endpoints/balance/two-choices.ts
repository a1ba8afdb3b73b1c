import type { Algorithm, Loaded } from './algorithm.ts';
import { shareOf } from './least-loaded.ts';

/**
 * Two at random, and of these the one with fewer calls in flight for its weight: nearly as even as looking at all of them, and several
 * gateways that each see only their own calls do not run to the same member together.
 */
export class TwoChoices implements Algorithm {
  readonly #members: readonly Loaded[];
  readonly #weights: readonly number[];
  readonly #random: () => number;

  /** `random` gives numbers from 0 to below 1. */
  constructor(members: readonly Loaded[], weights: readonly number[], random: () => number) {
    this.#members = members;
    this.#weights = weights;
    this.#random = random;
  }

  next(usable: Uint8Array): number {
    let count = 0;
    for (const one of usable) count += one;
    if (count === 0) return -1;
    const first = this.#draw(count);
    const one = nth(usable, first);
    if (count === 1) return one;
    const second = this.#draw(count - 1);
    const other = nth(usable, second < first ? second : second + 1);
    return shareOf(this.#members, this.#weights, other) < shareOf(this.#members, this.#weights, one) ? other : one;
  }

  #draw(count: number): number {
    return Math.floor(this.#random() * count);
  }
}

/** Place of the usable one of that rank. */
function nth(usable: Uint8Array, rank: number): number {
  let left = rank;
  for (let place = 0; place < usable.length; place++) if (usable[place] === 1 && left-- === 0) return place;
  return -1;
}
