import type { Route } from './call.ts';
import { Dialer } from './dial/dial.ts';
import { SessionPool } from './h2/session-pool.ts';
import type { Limits, PoolOptions, Timeouts } from './options.ts';
import { RoutePool } from './route-pool.ts';
import type { BackendFailure, BackendSide } from './sides.ts';

/** Who waits for a connection. */
export interface Borrower {
  /** Monotonic milliseconds; waiting ends then with `timeout`. */
  readonly answerDue: number;
  borrowed(connection: BackendSide): void;
  borrowFailed(failure: BackendFailure): void;
}

/** The connections to backends, counted. */
export interface BackendStatistics {
  /** Open ones, those that are being opened included. */
  readonly backendConnections: number;
  /** Of them: unused ones, and those that are being opened. */
  readonly backendIdle: number;
  readonly backendConnecting: number;
  /** Calls that wait for one. */
  readonly backendWaiting: number;
  /** Opened since the start, and attempts that failed. */
  readonly backendOpened: number;
  readonly backendFailed: number;
  /** Names that could not be resolved when they were asked for, also where old addresses served. */
  readonly backendLookupsFailed: number;
}

/** Every connection to every backend, pooled by route; one object for all listeners of a gateway. */
export class Backends {
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly pool: PoolOptions;
  readonly dialer: Dialer;
  /** Those that stand, used or not. */
  readonly all = new Set<{ destroy(): void }>();
  opened = 0;
  failed = 0;
  readonly #pools = new Map<string, RoutePool | SessionPool>();
  /** Routes are compiled once and used often: their key is made once. */
  readonly #keys = new WeakMap<Route, string>();

  constructor(limits: Limits, timeouts: Timeouts, pool: PoolOptions, dialer: Dialer = new Dialer()) {
    this.limits = limits;
    this.timeouts = timeouts;
    this.pool = pool;
    this.dialer = dialer;
  }

  borrow(route: Route, borrower: Borrower, fresh: boolean): void {
    const key = this.#keyOf(route);
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = route.protocol === 'h2' ? new SessionPool(route, this) : new RoutePool(route, this);
      this.#pools.set(key, pool);
    }
    pool.borrow(borrower, fresh);
  }

  /** The deadlines of connections to `route`. */
  timeoutsOf({ timeouts }: Route): Timeouts {
    return timeouts === undefined ? this.timeouts : { ...this.timeouts, ...timeouts };
  }

  /** Stops waiting; harmless when the borrower does not wait. */
  withdraw(route: Route, borrower: Borrower): void {
    this.#pools.get(this.#keyOf(route))?.withdraw(borrower);
  }

  forgetIfEmpty(route: Route, pool: RoutePool | SessionPool): void {
    const key = this.#keyOf(route);
    if (pool.empty && this.#pools.get(key) === pool) this.#pools.delete(key);
  }

  get statistics(): BackendStatistics {
    let [open, idle, connecting, waiting] = [0, 0, 0, 0];
    for (const pool of this.#pools.values()) {
      open += pool.open;
      idle += pool.idleCount;
      connecting += pool.connecting;
      waiting += pool.waiting;
    }
    return {
      backendConnections: open,
      backendIdle: idle,
      backendConnecting: connecting,
      backendWaiting: waiting,
      backendOpened: this.opened,
      backendFailed: this.failed,
      backendLookupsFailed: this.dialer.names.failed,
    };
  }

  /** Ends every connection. Nobody uses one any more. */
  close(): void {
    for (const pool of [...this.#pools.values()]) pool.close();
    for (const connection of [...this.all]) connection.destroy();
    this.dialer.close();
  }

  #keyOf(route: Route): string {
    let key = this.#keys.get(route);
    if (key === undefined) {
      key = JSON.stringify([route.host, route.port, route.tls, route.protocol, route.proxy, route.timeouts]);
      this.#keys.set(route, key);
    }
    return key;
  }
}
