import type { ApiTimeoutMember, EndpointTimeoutMember } from './table.ts';

/** What an endpoint says of the deadlines towards its backend, milliseconds, 0 for none; what it leaves out, API and gateway say. */
export type EndpointTimeouts = { readonly [M in EndpointTimeoutMember]?: number };

/** The same for all endpoints of an API, and for the clients that call it. */
export type ApiTimeouts = { readonly [M in ApiTimeoutMember]?: number };

/** A duration that each call says itself: Synapse's dynamic duration. */
export interface DurationExpression {
  /** As it was written, with its braces. */
  readonly text: string;
  /** Where the value stands; null where this gateway has no such thing, so that the global deadline is in force. */
  readonly source: 'header' | 'query' | null;
  /** Lower-case name of the header, or name of the query parameter. */
  readonly name: string;
}
