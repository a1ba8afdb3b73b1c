import type { SuiteCase } from '../suite.ts';
import type { GatewayKind } from './gateways.ts';
import type { Step } from './step.ts';

/** What is at the address of the case's endpoint. */
export type BackendKind =
  /** A backend that does what the steps say. */
  | 'scripted'
  /** A port on which nothing listens. */
  | 'refusing'
  /** A port that answers no SYN: a connect neither succeeds nor fails. */
  | 'swallowing'
  /** A host name without an address. */
  | 'unknown'
  /** A backend that does what the steps say where the gateway expects TLS. */
  | 'scripted-tls';

/**
 * One row of the table: what client and backend do to each other through the gateway, in order, and what each must see.
 * Every row also holds, without saying so: neither side got a byte more than the steps took, the backend saw no connection
 * more than the steps name, a connection beside it was served all the while, and nothing of it was left when it was over.
 */
export interface TransportCase extends SuiteCase {
  /** Which of the gateways it runs against; default `steady`. */
  readonly gateway?: GatewayKind;
  /** Default `scripted`. */
  readonly backend?: BackendKind;
  /** Duration of the endpoint in milliseconds and what its end leads to; default none. */
  readonly endpoint?: { readonly duration: number; readonly action: 'fault' | 'discard' };
  readonly steps: readonly Step[];
  /**
   * The backend may have got the beginning of the request, on connections that the steps do not name: each of them that got a byte
   * must have ended before a whole request was on it.
   */
  readonly unfinished?: boolean;
  /** Connections that the backend sees; default as many as the steps name. */
  readonly connections?: number;
}
