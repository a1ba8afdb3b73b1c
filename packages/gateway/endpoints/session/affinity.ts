import type { ResponseHead } from '../../transport/call.ts';

/** The session of one call, as long as it is under way. */
export interface Affinity {
  /** It goes on: the call goes to the member that the session is bound to, and to no other. */
  readonly isBound: boolean;
  /** Sees the answer that goes to the client. */
  answered(head: ResponseHead): void;
  /** The call failed for good. */
  failed(): void;
}
