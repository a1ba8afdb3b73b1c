import type { Parked } from '@sluice/throttle';
import type { Exchange } from '../../chain/exchange.ts';
import type { Gatekeeper } from '../../transport/gatekeeper.ts';
import type { Allowance } from '../allowance.ts';
import type { Limits } from '../limits.ts';
import type { EventLedger } from './event-ledger.ts';

/** Says which quotas of events concern a call. */
export interface EventLimits {
  /** Limits in force now. */
  readonly limits: Limits;
  /** As of these. */
  eventAllowances(exchange: Exchange): readonly Allowance[];
}

/**
 * Counts the messages of a WebSocket, both ways, or the events of a stream against the quotas of events that the call met. Beyond them messages are thrown away,
 * each answered with WSO2's notice to the client (wso2-policies-and-kinds.md 4.3), and streams end.
 */
export class EventQuota implements Gatekeeper {
  readonly notice = 'Error code: 4003 reason: Websocket frame throttled out';
  readonly #source: EventLimits;
  readonly #ledger: EventLedger;
  readonly #exchange: Exchange;
  readonly #parked = new Set<Parked>();
  #limits: Limits | null = null;
  #allowances: readonly Allowance[] = [];

  constructor(source: EventLimits, ledger: EventLedger, exchange: Exchange) {
    this.#source = source;
    this.#ledger = ledger;
    this.#exchange = exchange;
  }

  ask(goOn: (passes: boolean) => void): boolean | undefined {
    // A connection outlives pictures: a plan that has changed holds for it too.
    if (this.#limits !== this.#source.limits) {
      this.#limits = this.#source.limits;
      this.#allowances = this.#source.eventAllowances(this.#exchange);
    }
    const passes = this.#ledger.take(this.#exchange, this.#allowances);
    if (passes !== undefined) return passes;
    const parked = this.#ledger.wait(this.#exchange, this.#allowances, (decided) => {
      this.#parked.delete(parked);
      goOn(decided);
    });
    this.#parked.add(parked);
    return undefined;
  }

  /** The call is over: nothing more is taken for it. */
  close(): void {
    for (const parked of this.#parked) parked.cancel();
    this.#parked.clear();
  }
}
