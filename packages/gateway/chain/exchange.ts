import type { KeyType } from '@sluice/model';
import type { Parked } from '@sluice/throttle';
import type { AdmissionTicket } from '../admission/admission.ts';
import { challengesBasic, refusedBasic } from '../backend-security/basic.ts';
import type { Proof } from '../backend-security/scheme.ts';
import type { Leaf } from '../endpoints/leaf.ts';
import type { Sender } from '../endpoints/sender.ts';
import type { Affinity } from '../endpoints/session/affinity.ts';
import type { SoapSession } from '../endpoints/session/soap-session.ts';
import type { ReadQuery } from '../graphql/step.ts';
import type { CompiledApi, CompiledOperation } from '../snapshot/api.ts';
import type { CompiledApplication, CompiledSubscription, Snapshot } from '../snapshot/snapshot.ts';
import type { CallNotes } from '../story/notes.ts';
import type { Allowance } from '../throttling/allowance.ts';
import type { EventQuota } from '../throttling/events/event-quota.ts';
import type { AnswerReader, BackendFault, BackendRequest, Call, ResponseHead, Route } from '../transport/call.ts';
import { FieldNames } from '../transport/field-names.ts';
import type { ChainSettings } from './settings.ts';
import type { VerifiedToken } from './verified-token.ts';

const noRoute: Route = { host: '', port: 0, tls: null };

/**
 * One call on its way through the chain, and at the same time the request to its backend: one object, no closures.
 * Steps read and write it in order; what a step leaves behind is named here.
 */
export class Exchange implements BackendRequest {
  readonly call: Call;
  readonly settings: ChainSettings;
  /** What was current when the call was let in. */
  snapshot: Snapshot;
  /** Its place where the calls in flight are bounded. */
  ticket: AdmissionTicket | null = null;
  /** Its session with a member of a load-balanced group; null where there is none. */
  affinity: Affinity | null = null;
  /** What its SOAP header says about the session; null until it was looked for. */
  soapSession: SoapSession | null = null;
  /** Root of the endpoint tree that the call goes to. */
  sender: Sender | null = null;
  /** The leaf that sent last. */
  leaf: Leaf | null = null;
  /** Senders of the endpoint tree that failed for this call; each is used at most once. */
  tried: Sender[] | null = null;

  api: CompiledApi | null = null;
  operation: CompiledOperation | null = null;
  /** Path below the base path, with its slash; empty when the path ends there. */
  rest = '';
  /** The same as templates are held against it: characters that need no percent-encoding have none. */
  plainRest = '';
  /** Null for anonymous calls. */
  token: VerifiedToken | null = null;
  /** A test key proves the right to call, without subscription. */
  testKey = false;
  application: CompiledApplication | null = null;
  /** Null where none is asked for: prototypes, test keys, gateways that ask for none at all. */
  subscription: CompiledSubscription | null = null;
  keyType: KeyType = 'PRODUCTION';
  /** Schemes beside the consumed one in the authorization header, to be sent on; null sends none. */
  otherAuthorization: string | null = null;
  /** The query of a call to a GraphQL API. */
  query: ReadQuery | null = null;
  /** It waits for units of a limit. */
  parked: Parked | null = null;
  /** A limit that is reached and lets calls pass all the same. */
  passed: Allowance | null = null;
  /** Limits of bytes that are not known before they have come, and how many were charged already. */
  owing: Allowance[] | null = null;
  paid = 0;
  /** The limits that it met, kept only where answers tell of them. */
  allowances: readonly Allowance[] | null = null;
  /** It has become a WebSocket. */
  tunnelled = false;
  /** What is written down for its story; null where nothing is. */
  notes: CallNotes | null = null;
  /** Name of the row that answered, when the gateway made the answer. */
  cause: string | null = null;
  /** Header lines of an answer of our own, kept only when the access log asks for some. */
  ownHeaders: string | null = null;
  /** Values of the backend's headers that the access log asks for. */
  logged: Map<string, string> | null = null;

  /** Value of `Max-Forwards` to send instead of the client's; -1 leaves that. */
  forwardsLeft = -1;

  // The request to the backend (BackendRequest), filled in by the leaf that sends.
  route: Route = noRoute;
  target = '';
  host = '';
  without = FieldNames.none;
  added = '';
  timeout = 0;
  /** Of its API; undefined takes the gateway's. */
  global: number | undefined = undefined;
  /** The client's wish for WebSocket goes along. */
  upgrade = false;
  /** Bytes of the body up to which it is kept to be sent again. */
  keepsBody = 0;
  /** Proves the gateway to the backend, where a fixed line does not. */
  proof: Proof | null = null;
  /** Reads the body of the answer as it passes. */
  answerReader: AnswerReader | null = null;
  /** Counts the events of a WebSocket or a stream; null where no quota of events concerns the call. */
  gatekeeper: EventQuota | null = null;

  constructor(call: Call, settings: ChainSettings, snapshot: Snapshot) {
    this.call = call;
    this.settings = settings;
    this.snapshot = snapshot;
  }

  declines(head: ResponseHead, repeatable: boolean): boolean {
    try {
      if (this.proof !== null) return this.proof.declines(head, repeatable);
      return this.leaf?.provesByPassword === true && challengesBasic(head);
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  declined(): void {
    try {
      if (this.proof === null) refusedBasic(this);
      else this.proof.declined();
    } catch (error) {
      this.#failed(error);
      this.call.abort();
    }
  }

  /** A defect costs this call; nothing thrown may reach the transport. */
  #failed(error: unknown): void {
    this.settings.log.error('A call failed inside the gateway', { request: this.call.id, error });
  }

  onResponse(head: ResponseHead): string | undefined {
    this.proof?.answered(head);
    this.affinity?.answered(head);
    return this.settings.onResponse(this, head);
  }

  tunnelAllowed(bytesIn: number, bytesOut: number): boolean {
    return this.settings.tunnelAllowed(this) && this.settings.throttler.goesOn(this, bytesIn, bytesOut);
  }

  onFault(fault: BackendFault): void {
    this.settings.onFault(this, fault);
  }
}
