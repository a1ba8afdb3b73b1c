import type { Limit } from './limit.ts';

/** What one process wants of one counter. */
export interface LeaseRequest {
  /** Names the counter in every process and gateway: level, whom it counts for, and its window (`counterName`). */
  readonly counter: string;
  readonly limit: Limit;
  /** Units that calls wait for now; 0 only fetches ahead, reports or gives back. */
  readonly needed: number;
  /** Units that were spent beyond what was held, because nobody knew them before (a body of unknown length). They count whatever is left. */
  readonly owed: number;
  /** Units of an earlier lease of the window `window` that are no longer wanted. */
  readonly returned: number;
  /** The window that `owed` and `returned` are of; 0 where there are none. */
  readonly window: number;
}

/** What the authority grants of one counter. */
export interface Lease {
  readonly counter: string;
  /** Tells windows of one counter apart; grows. */
  readonly window: number;
  /** Units that may be spent until the window ends; 0 where nothing is to be had. */
  readonly units: number;
  /** Units of the whole limit that nobody was granted when this was decided; for information. */
  readonly left: number;
  /**
   * Milliseconds until the window ends, counted from when the request was sent: the asker counts from there,
   * so that a lease that comes late is void no later than its window.
   */
  readonly endsIn: number;
  /**
   * `granted`: as asked for or less. `exhausted`: nothing more in this window, whoever asks. `pending`: nothing now, but units that others
   * hold may come back; ask again. `away`: nobody could be asked, and the policy for that gives nothing. `unbounded`: it lets calls pass uncounted.
   */
  readonly outcome: 'granted' | 'exhausted' | 'pending' | 'away' | 'unbounded';
}

/** Grants leases to one process. Answers may come at once (same process), late, or never; they come once for each batch. */
export interface Authority {
  request(batch: readonly LeaseRequest[], answer: (leases: readonly Lease[]) => void): void;
  /**
   * Tells of counters that an operator has reset: what is held of the window, and that it was exhausted, is to be forgotten, and asked for anew.
   * Called once, by the ledger.
   */
  watch?(forget: (counter: string) => void): void;
}

/** Units of one machine's authority that come from elsewhere: gateways that share one limit share a pool of it (Redis). */
export interface Pool {
  /**
   * Asks for units of counters for this gateway; the same contract as an `Authority`, for the gateway as a whole.
   * `spent` is what the gateway has spent in that window so far, held leases included: what survives when the pool forgets.
   * `answer` may come several times for a batch, with other elements each time, so that one that waits holds up no other; each element is
   * answered once, within the pool's bound (50 ms).
   */
  request(
    batch: readonly (LeaseRequest & { readonly spent: number })[],
    answer: (leases: readonly Lease[]) => void,
  ): void;
  /** What this gateway has spent of the counter's open window counts as not spent: an operator has reset it. */
  reset(counter: string): void;
}
