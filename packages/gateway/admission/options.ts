/** A part of a request head that a condition looks at. */
export type ConditionSource =
  /** Value of the header of that name, whatever its case. */
  | { readonly from: 'header'; readonly name: string }
  /** Value of the first query parameter of that name, percent-decoded. */
  | { readonly from: 'param'; readonly name: string }
  /** The target as sent: all of it, its path, or its query without the question mark. */
  | { readonly from: 'url'; readonly part: 'whole' | 'path' | 'query' };

/** What a request must be like. Plain data: it passes from one process to another. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  /** The source is there and equals `value`, without regard to case (as Synapse compares). */
  | { readonly kind: 'equal'; readonly source: ConditionSource; readonly value: string }
  /** The source is there and the regular expression fits all of it. */
  | { readonly kind: 'match'; readonly source: ConditionSource; readonly pattern: string };

/** How many calls are worked on at once, and who waits for how long. The bounds are those of one process. */
export interface AdmissionOptions {
  /** Calls in flight, at least 1. */
  readonly maxInFlight: number;
  /** Milliseconds that a call may wait. */
  readonly queueTimeout: number;
  /** At least one, each with a priority of its own; of the calls that wait the one with the greatest number goes first. `size` bounds how many wait. */
  readonly queues: readonly { readonly priority: number; readonly size: number }[];
  /** Asked in order; the first that is true says the priority. */
  readonly conditions: readonly { readonly priority: number; readonly test: Condition }[];
  /** Priority of a call that no condition is true for; one of `queues`. */
  readonly defaultPriority: number;
}
