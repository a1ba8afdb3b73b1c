import { errors, type HealthCheck } from '@sluice/model';
import type { LeafRecord } from '../leaf-records.ts';

/** How a check ended: well, with a status that is none, or without an answer. */
export type CheckResult = 'good' | 'bad';

/** The checks of one leaf: when the next is due, and what the last ones mean for it. Times are monotonic milliseconds. */
export class Checked {
  readonly record: LeafRecord;
  readonly #rule: HealthCheck;
  readonly #random: () => number;
  #due: number;
  #isAsked = false;
  #good = 0;
  #bad = 0;

  /** The first check comes at any time within the first interval, so that those of many leaves do not come together. */
  constructor(record: LeafRecord, rule: HealthCheck, now: number, random: () => number) {
    this.record = record;
    this.#rule = rule;
    this.#random = random;
    this.#due = now + random() * rule.interval;
  }

  isDue(now: number): boolean {
    return !this.#isAsked && now >= this.#due;
  }

  /** A check begins. */
  asks(now: number): void {
    this.#isAsked = true;
    this.#due = now + this.#rule.interval * (0.9 + 0.2 * this.#random());
  }

  /** It ended. */
  answers(result: CheckResult): void {
    this.#isAsked = false;
    const { healthyAfter, unhealthyAfter, interval, timeout } = this.#rule;
    if (result === 'good') {
      this.#bad = 0;
      this.#good++;
      if (this.#good >= healthyAfter) this.letGo();
    } else {
      this.#good = 0;
      this.#bad++;
      // Until the check after the next one must have ended; each that fails makes it later.
      if (this.#bad >= unhealthyAfter) this.record.rest(2 * (interval + timeout), errors.endpointUnhealthy);
    }
  }

  /** It gets calls again, where it got none because of its checks. */
  letGo(): void {
    if (this.record.reason === errors.endpointUnhealthy.key) this.record.recover();
  }
}
