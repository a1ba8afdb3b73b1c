import type { Exchange } from '../chain/exchange.ts';
import type { ResponseHead } from '../transport/call.ts';

/** Proves the gateway to a backend by more than a fixed line. Made once for a leaf. */
export interface Scheme {
  /** Begins the proof of one call. The leaf has made the request ready, but for the proof. */
  begin(exchange: Exchange): Proof;
}

/** The proof of one call at one leaf. */
export interface Proof {
  /** Sends the call with a proof, now or when there is one, or answers it. */
  send(): void;
  /** Asked of an answer 401, as `BackendRequest.declines`. */
  declines(head: ResponseHead, repeatable: boolean): boolean;
  /** The answer that it declined is out of the way. */
  declined(): void;
  /** Sees the answer that goes to the client. */
  answered(head: ResponseHead): void;
}
