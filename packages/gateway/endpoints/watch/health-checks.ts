import type { HealthCheck } from '@sluice/model';
import { monotonic } from '../../deadlines/clock.ts';
import type { Backends } from '../../transport/backend-pool.ts';
import { ask, type OwnRequest } from '../../transport/own-request.ts';
import type { Leaf } from '../leaf.ts';
import type { LeafRecord, LeafRecords } from '../leaf-records.ts';
import { Checked, type CheckResult } from './health-check.ts';

/** Milliseconds between two looks for checks that are due. */
const pace = 50;
/** Bytes of an answer that nobody reads. */
const largestAnswer = 256 * 1024;

type Probe = Pick<OwnRequest, 'route' | 'target' | 'host' | 'lines'>;

/** Asks the members of groups whether they are well. Each process does so for itself. */
export class HealthChecks {
  readonly #backends: Backends;
  readonly #leaves: LeafRecords;
  readonly #checks = new Map<LeafRecord, { rule: HealthCheck; probe: Probe; checked: Checked }>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(backends: Backends, leaves: LeafRecords) {
    this.#backends = backends;
    this.#leaves = leaves;
  }

  /** The leaf is checked from now on by that rule; null for none. */
  watch(leaf: Leaf, rule: HealthCheck | null): void {
    if (this.#isClosed) return;
    const { record } = leaf;
    const known = this.#checks.get(record);
    if (rule === null) {
      this.#checks.delete(record);
      known?.checked.letGo();
      return;
    }
    const probe = leaf.probe(rule.path);
    if (JSON.stringify(known?.rule) === JSON.stringify(rule)) (known as { probe: Probe }).probe = probe;
    else this.#checks.set(record, { rule, probe, checked: new Checked(record, rule, monotonic(), Math.random) });
    this.#timer ??= setInterval(() => this.#look(), pace).unref();
  }

  /** The gateway ends: nothing is asked any more, and what is under way says nothing. */
  close(): void {
    this.#isClosed = true;
    this.#checks.clear();
    this.#pause();
  }

  #pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = monotonic();
    for (const [record, { rule, probe, checked }] of this.#checks) {
      if (!checked.isDue(now)) continue;
      if (this.#leaves.has(record)) this.#check(rule, probe, checked, now);
      else this.#checks.delete(record);
    }
    if (this.#checks.size === 0) this.#pause();
  }

  #check({ timeout }: HealthCheck, probe: Probe, checked: Checked, now: number): void {
    checked.asks(now);
    const times = { connectTimeout: timeout, answerTimeout: timeout, largestAnswer };
    const answers = (result: CheckResult) => {
      // The group may have been told something else meanwhile, or the API may be gone.
      if (this.#checks.get(checked.record)?.checked === checked) checked.answers(result);
    };
    ask(this.#backends, { ...probe, ...times, method: 'GET', body: Buffer.alloc(0) }).then(
      ({ status }) => answers(status >= 200 && status < 400 ? 'good' : 'bad'),
      () => answers('bad'),
    );
  }
}
