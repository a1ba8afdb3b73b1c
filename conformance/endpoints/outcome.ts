import type { DeadlineName } from '@sluice/model';
import type { Leaves } from './leaves.ts';
import { codeOf, type ReasonName, reasons } from './reasons.ts';

/** A deadline by the name that the log has for it, and its milliseconds. */
export interface Fired {
  readonly name: DeadlineName;
  readonly millis: number;
}

/** What a call must come to. Nothing of it may be left open: a case says what it does not expect too. */
export interface Outcome {
  /** Status of the answer; `closed` ends the client's connection without one, `cut` in the middle of it. */
  readonly answer: number | 'closed' | 'cut';
  /** Body of a backend's answer; what has come of one that is cut. Own answers are held against their reason. */
  readonly body: string | null;
  /** The fault by which the gateway answered in the backend's place, or closed; null where it did not. */
  readonly cause: ReasonName | null;
  /** Code that the body tells; null where there is none. */
  readonly code: number | null;
  /** The deadline that ended the call, and on time; null where none did, and the call was over soon. */
  readonly fired: Fired | null;
  /** Milliseconds after which the call is over where no single deadline says so. */
  readonly after?: number;
  /** Milliseconds that the call takes at least, where nothing ends it. */
  readonly longer?: number;
  /** Requests that reached each backend, in this call alone. Backends that are not named got none. */
  readonly received: Readonly<Record<string, number>>;
  /** How the leaves of the API are afterwards. */
  readonly leaves: Leaves;
  /** Value of `Retry-After`, null for none. */
  readonly retryAfter: string | null;
  /** `Content-Type` of an answer of the gateway; JSON where nothing is said. */
  readonly type?: string;
  /** Stands in the description of an answer of the gateway. */
  readonly tells?: string;
}

/** The answer of a backend reaches the client as it is. */
export function answered(
  body: string,
  received: Outcome['received'],
  { status = 200, leaves = {}, after }: { status?: number; leaves?: Leaves; after?: number } = {},
): Outcome {
  return {
    answer: status,
    body,
    cause: null,
    code: null,
    fired: null,
    received,
    leaves,
    retryAfter: null,
    ...(after === undefined ? {} : { after }),
  };
}

/** What else belongs to a fault; nothing that a case must say has a default. */
export type FaultRest = Pick<Outcome, 'received' | 'leaves'> &
  Partial<Pick<Outcome, 'answer' | 'fired' | 'retryAfter' | 'tells' | 'after' | 'body' | 'type'>> & {
    /** Ordinal of WSO2's protocol state, for causes whose code it is added to (wso2-gateway.md 2.1, 2.4). */
    readonly phase?: number;
  };

/** The gateway answers in the backend's place. */
export function failed(cause: ReasonName, { phase = 0, ...rest }: FaultRest): Outcome {
  const code = codeOf(cause, phase);
  return { answer: reasons[cause].status, body: null, cause, code, fired: null, retryAfter: null, ...rest };
}

/** The client's connection ends without an answer. */
export function closed(cause: ReasonName, rest: FaultRest): Outcome {
  return failed(cause, { answer: 'closed', ...rest });
}
