import type { ResponseHead } from '../../transport/call.ts';

/** The session of one call with the members of a group, as long as the call is under way. Where groups with sessions stand in each other, it speaks for those around it too. */
export interface Affinity {
  /** It goes on, here or in a group around: the call goes to the member that the session is bound to, and to no other. */
  readonly isBound: boolean;
  /** Sees the answer that goes to the client. */
  answered(head: ResponseHead): void;
  /** The call failed for good. */
  failed(): void;
}
