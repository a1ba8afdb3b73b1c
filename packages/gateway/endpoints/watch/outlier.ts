import type { OutlierRule } from '@sluice/model';
import type { LeafRecord } from '../leaf-records.ts';

/** The members of a group among which outliers are looked for. */
export class OutlierGroup {
  readonly rule: OutlierRule;
  readonly #members: LeafRecord[] = [];

  constructor(rule: OutlierRule) {
    this.rule = rule;
  }

  join(record: LeafRecord): void {
    this.#members.push(record);
  }

  /** Whether one more of them may be kept from calls: where most members answer 5xx, nothing is gained by it. */
  get hasRoom(): boolean {
    let ready = 0;
    for (const record of this.#members) if (record.ready) ready++;
    const resting = this.#members.length - ready;
    return (resting + 1) * 100 <= this.rule.most * this.#members.length;
  }
}

/** Counts the answers 5xx of one member. */
export class OutlierWatch {
  readonly #group: OutlierGroup;
  #inRow = 0;

  constructor(group: OutlierGroup) {
    this.#group = group;
  }

  /** Milliseconds of the rest. */
  get duration(): number {
    return this.#group.rule.duration;
  }

  /** An answer has that status. True when it is one too many. */
  sees(status: number): boolean {
    if (status < 500) {
      this.#inRow = 0;
      return false;
    }
    if (++this.#inRow < this.#group.rule.failures || !this.#group.hasRoom) return false;
    this.#inRow = 0;
    return true;
  }
}
