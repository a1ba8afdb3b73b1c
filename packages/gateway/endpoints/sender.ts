import type { StayReason } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import type { BackendFault } from '../transport/call.ts';
import { isIdempotent } from '../transport/idempotent.ts';

/** Whether a sender may take a call: not at all, only where nothing better is left since it is given a rest, or gladly. */
export const Readiness = { none: 0, resting: 1, ready: 2 } as const;
export type Readiness = (typeof Readiness)[keyof typeof Readiness];

/**
 * The one verb of endpoints. A tree of senders is composed by wrapping: a group chooses among its children, a leaf puts the
 * request on the wire. Faults climb from the leaf to its groups until one of them sends elsewhere.
 */
export interface Sender {
  /** As the endpoint tree calls it: `prod`, `prod[1]`. */
  readonly name: string;
  /** The group around it, which asks for its readiness before it sends; null at the root. */
  parent: Group | null;
  /** True once the call is sent or answered; false when there is nothing here to send to any more, and nothing was done. */
  send(exchange: Exchange): boolean;
  /** Whether this call may go here now. */
  readiness(exchange: Exchange): Readiness;
  /** When, in monotonic milliseconds, something here may take calls again: not in the future where something does now; Infinity for never. */
  readonly readyAt: number;
  /** Calls of this process that are on their way here. */
  readonly load: number;
}

/** A sender with children. */
export interface Group extends Sender {
  /** As WSO2's messages call it. */
  readonly kind: 'Failover' | 'Loadbalance' | 'RecipientList' | 'HTTP';
  /** `child` failed with a fault that permits another attempt. True when another child took the call over. */
  takeOver(exchange: Exchange, fault: BackendFault): boolean;
}

/** A sender that faults come from. */
export interface Failing extends Sender {
  /** Whether a group may try another member after a fault of this code. */
  permitsRetry(code: number): boolean;
}

/** Marks `sender` as used up for this call. */
function spend(exchange: Exchange, sender: Sender): void {
  if (exchange.tried === null) exchange.tried = [sender];
  else exchange.tried.push(sender);
}

export function isSpent(exchange: Exchange, sender: Sender): boolean {
  return exchange.tried?.includes(sender) === true;
}

/** Lets the groups around `leaf` take the call over, the nearest first. False when none can or may. */
export function failOver(exchange: Exchange, leaf: Failing, fault: BackendFault, code: number): boolean {
  const reason = reasonToStay(exchange, leaf, fault, code);
  if (reason !== null) {
    exchange.notes?.stays(reason);
    return false;
  }
  spend(exchange, leaf);
  for (let group: Group | null = leaf.parent; group !== null; group = group.parent) {
    if (group.takeOver(exchange, fault)) return true;
    spend(exchange, group);
  }
  exchange.notes?.stays('none-left');
  return false;
}

function reasonToStay(exchange: Exchange, leaf: Failing, fault: BackendFault, code: number): StayReason | null {
  if (leaf.parent === null) return 'alone';
  if (!fault.replayable || hasCopies(exchange, leaf)) return 'unsafe';
  if (!leaf.permitsRetry(code)) return 'retry-codes';
  if (exchange.affinity?.isBound) return 'session';
  // What is too large here is so everywhere.
  return fault.kind === 'response-too-large' ? 'same' : null;
}

/** What got copies of the call may have done already what must not be done twice. */
function hasCopies({ call }: Exchange, { parent }: Failing): boolean {
  return parent?.kind === 'RecipientList' && !isIdempotent(call.head.method);
}

/** When the first of them may take calls again. */
export function earliest(senders: readonly Sender[]): number {
  return Math.min(...senders.map(({ readyAt }) => readyAt));
}

/** The readiness of the best of them that this call has not tried. */
export function best(senders: readonly Sender[], exchange: Exchange): Readiness {
  let found: Readiness = Readiness.none;
  for (const sender of senders) {
    const readiness = isSpent(exchange, sender) ? Readiness.none : sender.readiness(exchange);
    if (readiness === Readiness.ready) return readiness;
    if (readiness > found) found = readiness;
  }
  return found;
}

export function isGroup(sender: Sender): sender is Group {
  return 'takeOver' in sender;
}
