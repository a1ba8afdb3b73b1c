import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { Borrower } from './backend-pool.ts';
import type { Route } from './call.ts';
import type { PoolOptions, Timeouts } from './options.ts';
import type { BackendFailure } from './sides.ts';

interface Waiting {
  readonly deadline: Deadline;
  /** Takes no connection that was used before. */
  readonly fresh: boolean;
}

/** The calls that wait for a connection to one route, in the order in which they came. */
export class WaitingCalls {
  readonly #waiters = new Map<Borrower, Waiting>();
  readonly #route: Route;
  readonly #timeouts: Timeouts;
  /** Told of each that has given up by itself. */
  readonly #left: () => void;

  constructor(route: Route, timeouts: Timeouts, left: () => void) {
    this.#route = route;
    this.#timeouts = timeouts;
    this.#left = left;
  }

  get count(): number {
    return this.#waiters.size;
  }

  /** `full` says that it waits for another call to end, which has a deadline of its own; `fresh` that it takes no connection that was used before. */
  add(borrower: Borrower, full: boolean, fresh = false): void {
    const { poolWait } = this.#timeouts;
    const deadline = new Deadline(() => this.#waitedTooLong(borrower));
    const due = full && poolWait > 0 ? Math.min(borrower.answerDue, performance.now() + poolWait) : borrower.answerDue;
    this.#waiters.set(borrower, { deadline, fresh });
    if (due !== Number.POSITIVE_INFINITY) wheel.armAt(deadline, due);
  }

  /** The one that waits longest, of those that take a `used` connection if it is one; it waits no more. */
  take(used = false): Borrower | undefined {
    // Mostly nobody waits, and an iterator is an object.
    if (this.#waiters.size === 0) return undefined;
    for (const [borrower, { fresh }] of this.#waiters) {
      if (used && fresh) continue;
      this.remove(borrower);
      return borrower;
    }
    return undefined;
  }

  /** False when it does not wait. */
  remove(borrower: Borrower): boolean {
    const waiting = this.#waiters.get(borrower);
    if (waiting === undefined) return false;
    wheel.disarm(waiting.deadline);
    this.#waiters.delete(borrower);
    return true;
  }

  /** Why a call may not wait. */
  refusal({ maxPerRoute, maxPending }: PoolOptions): BackendFailure {
    const busy = `all ${maxPerRoute} connections to ${this.#route.host}:${this.#route.port} are in use`;
    return maxPending === 0
      ? { kind: 'pool-full', message: `${busy}, and no call may wait`, answering: false, deadline: null }
      : { kind: 'queue-full', message: `${busy} and ${maxPending} calls wait`, answering: false, deadline: null };
  }

  #waitedTooLong(borrower: Borrower): void {
    const due = this.#waiters.get(borrower)?.deadline.due ?? 0;
    this.remove(borrower);
    this.#left();
    // The earlier of the two, however late this process looks.
    if (due >= borrower.answerDue) {
      borrower.borrowFailed({ kind: 'timeout', message: 'no answer in time', answering: false, deadline: null });
      return;
    }
    const value = this.#timeouts.poolWait;
    borrower.borrowFailed({
      kind: 'pool-full',
      message: `no connection to ${this.#route.host}:${this.#route.port} was free within ${value} ms`,
      answering: false,
      deadline: { name: 'pool-wait', value, setting: 'sluice.gateway.pool_wait_timeout' },
    });
  }
}
