import type { Counter } from '@sluice/throttle';
import { type LevelName, levelOf } from './level.ts';

/** One limit as it concerns a call: the counter to spend from, and what there is to say when nothing is left of it. */
export class Allowance {
  readonly level;
  readonly counter: Counter;
  /** Name of the plan, or of the rule; empty for the limit of a backend. */
  readonly plan: string;
  /** Who set it: `API orders/1.0.0`. */
  readonly origin: string;
  /** Calls beyond it pass, flagged (`stopOnQuotaReach` false). */
  readonly soft: boolean;
  readonly measure;

  constructor(level: LevelName, counter: Counter, plan: string, origin: string, soft = false) {
    this.level = levelOf(level);
    this.counter = counter;
    this.plan = plan;
    this.origin = origin;
    this.soft = soft;
    this.measure = counter.limit.measure;
  }
}
