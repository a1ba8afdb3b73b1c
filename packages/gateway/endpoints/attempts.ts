import type { Exchange } from '../chain/exchange.ts';
import { monotonic } from '../deadlines/clock.ts';
import type { BackendFault } from '../transport/call.ts';
import { isIdempotent } from '../transport/idempotent.ts';
import { RetryBudget } from './balance/retry-budget.ts';
import type { GroupSettings } from './group-settings.ts';
import type { Sender } from './sender.ts';

/** Counts the attempts of the calls of one group, and holds the further ones to its budget. */
export class Attempts {
  readonly #settings: GroupSettings;
  readonly #budget: RetryBudget;

  constructor(settings: GroupSettings) {
    this.#settings = settings;
    this.#budget = new RetryBudget(settings.budget);
  }

  /** A call comes to the group. */
  begin(exchange: Exchange): void {
    if (exchange.tried !== null) return;
    this.#budget.called(monotonic());
    const { keepsBody } = this.#settings;
    if (exchange.call.contentLength === 0 || exchange.keepsBody >= keepsBody) return;
    if (isIdempotent(exchange.call.head.method)) exchange.keepsBody = keepsBody;
  }

  /**
   * Sends a call once more, by `group`. A fault that came before there was a connection did nobody any work, so that the budget, which is
   * there for backends that have too much of it, is not asked.
   */
  again(exchange: Exchange, fault: BackendFault, group: Sender): boolean {
    const { statistics } = this.#settings;
    const free = fault.phase === 0;
    if (!free && !this.#budget.permits(monotonic())) {
      statistics.callsOverBudget++;
      exchange.notes?.stays('budget');
      return false;
    }
    if (!group.send(exchange)) return false;
    statistics.callsTakenOver++;
    if (!free) this.#budget.retried(monotonic());
    return true;
  }
}
