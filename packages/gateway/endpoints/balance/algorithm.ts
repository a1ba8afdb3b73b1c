import type { Exchange } from '../../chain/exchange.ts';

/** Chooses the member of a load-balanced group that a call goes to. */
export interface Algorithm {
  /** `usable` has 1 at the place of each member that may take the call, else 0. The place of the one that is chosen; -1 when there is none. */
  next(usable: Uint8Array, exchange: Exchange): number;
}

/** What an algorithm may see of a member. */
export interface Loaded {
  /** Calls that are on their way there. */
  readonly load: number;
}
