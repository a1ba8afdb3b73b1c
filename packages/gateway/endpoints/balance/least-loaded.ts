import type { Algorithm, Loaded } from './algorithm.ts';

/**
 * The one that would have the fewest calls in flight for its weight. Synapse's `WeightedRRLCAlgorithm` nears the same by a round robin whose
 * weights are worked out anew after some rounds.
 */
export class LeastLoaded implements Algorithm {
  readonly #members: readonly Loaded[];
  readonly #weights: readonly number[];
  /** Those that are equal take turns. */
  #cursor = 0;

  constructor(members: readonly Loaded[], weights: readonly number[]) {
    this.#members = members;
    this.#weights = weights;
  }

  next(usable: Uint8Array): number {
    const count = usable.length;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let looks = 0; looks < count; looks++) {
      const place = (this.#cursor + looks) % count;
      if (usable[place] !== 1) continue;
      const share = shareOf(this.#members, this.#weights, place);
      if (share >= least) continue;
      least = share;
      best = place;
    }
    if (best !== -1) this.#cursor = best + 1;
    return best;
  }
}

/** Calls for its weight that a member would have with one more. */
export function shareOf(members: readonly Loaded[], weights: readonly number[], place: number): number {
  return ((members[place] as Loaded).load + 1) / (weights[place] as number);
}
