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

interface Watched {
  readonly rule: HealthCheck;
  readonly probe: Probe;
  readonly checked: Checked;
  /** The APIs that want it, of a leaf that APIs share; null for one that goes with its API. */
  readonly users: Set<string> | null;
}

/** Asks the members of groups whether they are well. Each process does so for itself. */
export class HealthChecks {
  readonly #backends: Backends;
  readonly #leaves: LeafRecords;
  readonly #checks = new Map<LeafRecord, Watched>();
  /** Leaves that APIs share, by the ids of the APIs that want them checked. */
  readonly #byUser = new Map<string, Set<LeafRecord>>();
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(backends: Backends, leaves: LeafRecords) {
    this.#backends = backends;
    this.#leaves = leaves;
  }

  /**
   * The leaf is checked from now on by that rule; null for none. `user` is the id of the API whose group says so, of a leaf that APIs share: it is checked as long as one
   * of them wants it.
   */
  watch(leaf: Leaf, rule: HealthCheck | null, user: string | null): void {
    if (this.#isClosed) return;
    const { record } = leaf;
    const known = this.#checks.get(record);
    if (rule === null) {
      if (user === null) this.#end(record);
      return;
    }
    const users = user === null ? null : (known?.users ?? new Set()).add(user);
    if (user !== null) this.#byUser.set(user, (this.#byUser.get(user) ?? new Set()).add(record));
    const isSame = known !== undefined && JSON.stringify(known.rule) === JSON.stringify(rule);
    const checked = isSame ? known.checked : new Checked(record, rule, monotonic(), Math.random);
    this.#checks.set(record, { rule, probe: leaf.probe(rule.path), checked, users });
    this.#timer ??= setInterval(() => this.#look(), pace).unref();
  }

  /** The API is gone, or about to say anew what it wants. */
  release(user: string): void {
    for (const record of this.#byUser.get(user) ?? []) this.#checks.get(record)?.users?.delete(user);
    this.#byUser.delete(user);
  }

  /** The gateway ends: nothing is asked any more, and what is under way says nothing. */
  close(): void {
    this.#isClosed = true;
    this.#checks.clear();
    this.#byUser.clear();
    this.#pause();
  }

  #end(record: LeafRecord): void {
    const known = this.#checks.get(record);
    this.#checks.delete(record);
    known?.checked.letGo();
  }

  #pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = monotonic();
    for (const [record, { rule, probe, checked, users }] of this.#checks) {
      if (users?.size === 0) this.#end(record);
      if (users?.size === 0 || !checked.isDue(now)) continue;
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
