import type { Limit } from './limit.ts';

/**
 * One limit for one key, as a process sees it. It stays good for as long as somebody holds it: a snapshot for its whole life,
 * or a call for one look. Two of the same name count the same; the limit that was asked for last is in force.
 */
export interface Counter {
  readonly level: string;
  readonly key: string;
  readonly limit: Limit;
  /** Units that are left of the window as far as this process knows; the whole amount where it knows nothing. */
  readonly left: number;
  /** When the window ends, in epoch milliseconds; of a window that nobody has opened, when it would end if it opened now. */
  readonly resetsAt: number;
}
