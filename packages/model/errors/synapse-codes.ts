import { errors } from './catalogue.ts';
import type { ErrorEntry } from './entry.ts';

/** A code of WSO2's mediation engine, and what stands for it here. */
export interface SynapseCode {
  readonly code: number;
  /** What it is about, as a clause. */
  readonly meaning: string;
  /** Why no row of the catalogue has it, where none has. */
  readonly instead?: string;
}

/**
 * The codes that WSO2's endpoints and its transport know (wso2-gateway.md 2.5). What a client or a fault sequence sees is often a sum: a base and the ordinal
 * of the protocol state, so that two different faults may have one number.
 */
export const synapseCodes: readonly SynapseCode[] = [
  {
    code: 101000,
    meaning: 'the connection to the client broke while the answer was sent',
    instead: 'There is nobody left to answer; the call is told as one whose client went away.',
  },
  {
    code: 101001,
    meaning: 'the connection to the client broke while the request was read',
    instead: 'There is nobody left to answer; the call is told as one whose client went away.',
  },
  { code: 101500, meaning: 'the connection to the backend broke' },
  {
    code: 101501,
    meaning: 'the connection to the backend broke while the answer was read',
    instead: 'WSO2 itself sends 101500 and the protocol state, and so does Sluice.',
  },
  { code: 101503, meaning: 'no connection to the backend came about' },
  { code: 101504, meaning: 'the backend, or a connection to it, was waited for in vain' },
  { code: 101505, meaning: 'the backend closed the connection' },
  { code: 101506, meaning: 'what the backend sent is not HTTP' },
  {
    code: 101507,
    meaning: 'a connection to the backend was given up before it stood',
    instead: 'A connection is given up only when nobody waits for it. The number comes up as a sum.',
  },
  { code: 101508, meaning: 'a connection to the backend did not stand in time' },
  {
    code: 101509,
    meaning: 'the request was given up while it was sent',
    instead: 'A request is given up only when its client has gone. The number comes up as a sum.',
  },
  {
    code: 101510,
    meaning: 'the answer of the backend could not be handled',
    instead: 'Answers stream through, and nothing is done with them that could fail. The number comes up as a sum.',
  },
  {
    code: 102510,
    meaning: 'the connection to the backend was in a state that should not be',
    instead: 'A defect of that kind ends the call: `gateway-failure`.',
  },
  {
    code: 102511,
    meaning: 'the request ended early',
    instead:
      'Its client has ended it, and is not listened to any more; the call is told as one whose client went away.',
  },
  { code: 303000, meaning: 'no member of the group was ready' },
  { code: 303001, meaning: 'the endpoint was not ready' },
  { code: 303002, meaning: 'the WSDL endpoint was not ready' },
  { code: 303003, meaning: 'the gateway could not prove itself to the backend' },
  {
    code: 303100,
    meaning: 'another member of a load-balance group took the call over',
    instead: 'No fault of the call: its story tells each attempt.',
  },
  {
    code: 304100,
    meaning: 'another member of a failover group took the call over',
    instead: 'No fault of the call: its story tells each attempt.',
  },
  { code: 305100, meaning: 'the endpoint that is named does not exist' },
  { code: 309001, meaning: 'the endpoint that the session is bound to was not ready' },
  { code: 309002, meaning: 'the session names an endpoint that does not exist' },
  { code: 309003, meaning: 'the endpoint failed in the middle of a session' },
  { code: 401000, meaning: 'a call made by a policy failed' },
  {
    code: 401001,
    meaning: 'a call made by a policy and waited for failed',
    instead: 'Sluice waits for no call of a policy in another way than for others: 401000.',
  },
  {
    code: 401002,
    meaning: 'a call made by a policy, not waited for, failed',
    instead: 'Sluice waits for no call of a policy in another way than for others: 401000.',
  },
  {
    code: 401003,
    meaning: 'a call made by a policy failed before it was sent',
    instead: 'Sluice waits for no call of a policy in another way than for others: 401000.',
  },
  { code: 500000, meaning: 'the backend answered with a SOAP fault that counts as a failure' },
  { code: 601000, meaning: 'the message could not be parsed' },
  { code: 700700, meaning: 'the API is blocked' },
];

/** What the ordinals of WSO2's protocol states mean on the side of the backend (wso2-gateway.md 2.1). */
const phaseNames = [
  'before a connection stood',
  'while the head of the request was sent',
  'while the body of the request was sent',
  'while the answer was waited for',
  'while the head of the answer was read',
  'while the body of the answer was read',
  'after the answer',
];

/** The phase of a fault in words. */
export function phaseName(phase: number): string {
  return phaseNames[phase] ?? `in the protocol state ${phase}`;
}

/** One thing that a code may mean. */
interface CodeReading {
  readonly entry: ErrorEntry;
  /** The protocol state that is part of the sum; null where the code is none. */
  readonly phase: number | null;
}

/** Every row of the gateway that may send this code: more than one where sums coincide (wso2-gateway.md 2.4). */
export function readingsOf(code: number): readonly CodeReading[] {
  return Object.values<ErrorEntry>(errors).flatMap((entry): CodeReading[] => {
    if (entry.surface !== 'gateway' && entry.surface !== 'both') return [];
    if (entry.phases === undefined) return entry.code === code ? [{ entry, phase: null }] : [];
    return entry.phases.includes(code - entry.code) ? [{ entry, phase: code - entry.code }] : [];
  });
}
