import type { Exchange } from '../../chain/exchange.ts';
import type { Algorithm, Loaded } from './algorithm.ts';

export interface HashedMember {
  /** What it is known by whatever its place in the group is: its address. */
  readonly identity: string;
  readonly weight: number;
}

/**
 * The same key goes to the same member, by the highest random weight: where a member goes or comes, only the keys of that member move.
 * With a bound, a member takes at most so many times its share of the calls in flight, and the next one in the order of the key
 * takes what is more.
 */
export class ConsistentHash implements Algorithm {
  readonly #members: readonly Loaded[];
  readonly #weights: readonly number[];
  readonly #seeds: readonly number[];
  readonly #even: boolean;
  readonly #keyOf: (exchange: Exchange) => string | undefined;
  readonly #bound: number | null;
  /** Takes calls without a key. */
  readonly #keyless: Algorithm;

  /** `hashed` are the `members` in their order; `bound` is 1 or more, null for none. */
  constructor(
    members: readonly Loaded[],
    hashed: readonly HashedMember[],
    bound: number | null,
    keyOf: (exchange: Exchange) => string | undefined,
    keyless: Algorithm,
  ) {
    this.#members = members;
    this.#weights = hashed.map(({ weight }) => weight);
    this.#seeds = hashed.map(({ identity }) => mix(hashOf(identity)));
    this.#even = this.#weights.every((weight) => weight === this.#weights[0]);
    this.#bound = bound;
    this.#keyOf = keyOf;
    this.#keyless = keyless;
  }

  next(usable: Uint8Array, exchange: Exchange): number {
    const key = this.#keyOf(exchange);
    return key === undefined ? this.#keyless.next(usable, exchange) : this.#place(usable, hashOf(key));
  }

  #place(usable: Uint8Array, hash: number): number {
    const most = this.#bound === null ? Number.POSITIVE_INFINITY : this.#callsPerWeight(usable, this.#bound);
    let best = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < usable.length; place++) {
      if (usable[place] !== 1) continue;
      const weight = this.#weights[place] as number;
      if ((this.#members[place] as Loaded).load + 1 > Math.ceil(most * weight)) continue;
      const mixed = mix(hash ^ (this.#seeds[place] as number));
      // A weight's share of the keys, by the logarithm of a number between 0 and 1 that is drawn for the member.
      const score = this.#even ? mixed : -weight / Math.log((mixed + 0.5) / 0x1_0000_0000);
      if (score <= highest) continue;
      highest = score;
      best = place;
    }
    return best;
  }

  /** Calls in flight, this one among them, for each unit of weight. */
  #callsPerWeight(usable: Uint8Array, bound: number): number {
    let calls = 1;
    let weights = 0;
    for (let place = 0; place < usable.length; place++) {
      if (usable[place] !== 1) continue;
      calls += (this.#members[place] as Loaded).load;
      weights += this.#weights[place] as number;
    }
    return (bound * calls) / weights;
  }
}

/** FNV-1a over the characters, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Lets every bit of the 32 depend on every other one, as the end of MurmurHash3 does. */
function mix(bits: number): number {
  let hash = bits;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
