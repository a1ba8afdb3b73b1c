import type { Exchange } from '../chain/exchange.ts';
import type { BackendFault } from '../transport/call.ts';

/**
 * The one verb of endpoints. A tree of senders is composed by wrapping: a group chooses among its children, a leaf puts the
 * request on the wire. Faults climb from the leaf to its groups until one of them sends elsewhere.
 */
export interface Sender {
  /** As the endpoint tree calls it: `prod`, `prod[1]`. */
  readonly name: string;
  /** The group around it; null at the root. */
  parent: Group | null;
  /** True once the call is sent or answered; false when there is nothing here to send to any more, and nothing was done. */
  send(exchange: Exchange): boolean;
  /** When, in monotonic milliseconds, something here may take calls again: not in the future where something does now; Infinity for never. */
  readonly readyAt: number;
}

/** A sender with children. */
export interface Group extends Sender {
  /** As WSO2's messages call it. */
  readonly kind: 'Failover' | 'Loadbalance';
  /** `child` failed with a fault that permits another attempt. True when another child took the call over. */
  takeOver(exchange: Exchange): boolean;
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
export function failOver(exchange: Exchange, leaf: Sender, fault: BackendFault): boolean {
  if (!fault.replayable) return false;
  spend(exchange, leaf);
  for (let group = leaf.parent; group !== null; group = group.parent) {
    if (group.takeOver(exchange)) return true;
    spend(exchange, group);
  }
  return false;
}

/** When the first of them may take calls again. */
export function earliest(senders: readonly Sender[]): number {
  return Math.min(...senders.map(({ readyAt }) => readyAt));
}

export function isGroup(sender: Sender): sender is Group {
  return 'takeOver' in sender;
}
