import { Charges, type Clock, type Ledger, type Parked } from '@sluice/throttle';
import type { Exchange } from '../../chain/exchange.ts';
import type { FaultLog } from '../../chain/fault-log.ts';
import type { Allowance } from '../allowance.ts';
import { recordRefusedEvent } from '../refuse.ts';
import type { ThrottlingCounts } from '../statistics.ts';

/** Takes events of counters, one of all that concern a call or of none, and writes down what came of them. */
export class EventLedger {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #counts: ThrottlingCounts;
  readonly #log: FaultLog;
  /** Of the event at hand. */
  readonly #charges = new Charges();

  constructor(ledger: Ledger, clock: Clock, counts: ThrottlingCounts, log: FaultLog) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#counts = counts;
    this.#log = log;
  }

  /** Whether an event of `exchange` passes; undefined where it has to wait. */
  take(exchange: Exchange, allowances: readonly Allowance[]): boolean | undefined {
    const charges = this.#charges;
    charges.clear();
    for (let i = 0; i < allowances.length; i++) {
      const { counter, soft } = allowances[i] as Allowance;
      charges.add(counter, 1, soft);
    }
    const verdict = this.#ledger.take(charges, this.#clock.epoch());
    return verdict === 'waiting' ? undefined : this.#settle(verdict, exchange, charges, allowances);
  }

  /** Parks the event of which `take` did not know, right after that. */
  wait(exchange: Exchange, allowances: readonly Allowance[], decided: (passes: boolean) => void): Parked {
    this.#counts.waited++;
    return this.#ledger.wait(this.#charges, (verdict, charges) =>
      decided(this.#settle(verdict, exchange, charges, allowances)),
    );
  }

  #settle(
    verdict: 'admitted' | 'refused',
    exchange: Exchange,
    charges: Charges,
    allowances: readonly Allowance[],
  ): boolean {
    if (verdict === 'refused') {
      const allowance = allowances[charges.at] as Allowance;
      if (charges.cause === 'away') this.#counts.unasked++;
      else this.#counts.refused(allowance.level);
      recordRefusedEvent(exchange, allowance, this.#log, this.#clock.epoch());
      return false;
    }
    for (let place = 0; place < allowances.length; place++) {
      const { level } = allowances[place] as Allowance;
      if (place === charges.passed) this.#counts.passed(level);
      else this.#counts.admitted(level);
    }
    return true;
  }
}
