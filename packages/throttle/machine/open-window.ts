import type { Limit } from '../limit.ts';

/** What the authority of a machine knows of a counter whose window is open. */
export interface OpenWindow {
  readonly counter: string;
  /** The limit that was asked for last. */
  readonly limit: Limit;
  /** Number of the window. */
  readonly window: number;
  /** Epoch milliseconds. */
  readonly endsAt: number;
  /** Units that were granted or are owed, less those that came back. */
  readonly used: number;
}

/** The same with the processes that have been granted units, by the names under which they connected. */
export interface HeldWindow extends OpenWindow {
  readonly holders: readonly { readonly name: string; readonly units: number }[];
}

/** What operators need of the authority of a machine: to look, to reset, and to keep its open windows over a restart. */
export interface Oversight {
  /** Counters whose windows are open, roughly: those of windows that have just ended may be among them. */
  readonly size: number;
  /** All counters whose windows are open, in no order. */
  windows(): Iterable<HeldWindow>;
  find(counter: string): HeldWindow | undefined;
  /** Forgets what was counted in the open window, leases included: they are void, and a later window number begins. False where none is open. */
  reset(counter: string): boolean;
  /**
   * Takes over what an earlier authority counted, before anybody asks; windows that have ended are left out. All of it counts as spent.
   * Of several that name one counter the last is in force.
   */
  restore(windows: Iterable<OpenWindow>): void;
}
