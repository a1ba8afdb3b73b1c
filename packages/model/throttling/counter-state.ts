import type { Quota } from '../plan.ts';

/** What a process holds of a counter's window: units granted to it that it has not given back, spent or not. */
export interface CounterHolder {
  /** `worker 4711`, `main process`, or `processes that ended` for all of those together. */
  readonly name: string;
  readonly units: number;
}

/** One counter of a gateway as its operator sees it: a limit for one key, and what is left of the open window. */
export interface CounterState {
  /** Tells counters apart, in every process and gateway. */
  readonly id: string;
  /** Which kind of limit: `subscription`, `application-burst` … */
  readonly level: string;
  /** Whom or what it counts for. */
  readonly key: string;
  readonly measure: 'calls' | 'bytes' | 'events';
  readonly limit: number;
  /** Length of the window; `millis` where the first call opens it. */
  readonly window:
    | { readonly unit: Quota['timeUnit']; readonly count: number }
    | { readonly unit: 'ms'; readonly count: number };
  /** Units that processes were granted, spent or held by them; at most `limit`, unless bodies of unknown length went beyond it. */
  readonly used: number;
  readonly left: number;
  /** Epoch milliseconds at which the window ends. */
  readonly resetsAt: number;
  readonly holders: readonly CounterHolder[];
}

/** Which counters are asked for. */
export interface CounterQuery {
  /** Part of level or key, without regard to case; absent finds all. */
  readonly search?: string;
  /** Exactly this level. */
  readonly level?: string;
  readonly offset: number;
  readonly limit: number;
}

/** The counters of a gateway on this machine, to look at and to reset. Rejects when they cannot be read now. */
export interface CounterDesk {
  /** Those with the largest share of their limit used first. */
  list(query: CounterQuery): Promise<{ readonly total: number; readonly counters: readonly CounterState[] }>;
  /** Undefined when nothing was counted for it in an open window. */
  find(id: string): Promise<CounterState | undefined>;
  /** Forgets what was counted in the open window; false when there is none. */
  reset(id: string): Promise<boolean>;
}
