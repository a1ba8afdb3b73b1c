import type { TLSSocket } from 'node:tls';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import { BackendConnection, type ConnectionOwner } from './backend-connection.ts';
import type { Route } from './call.ts';
import { Dialer, type DialUser } from './dial/dial.ts';
import type { Limits, PoolOptions, Timeouts } from './options.ts';
import type { BackendFailure, BackendSide } from './sides.ts';
import type { TcpHandle } from './socket/handles.ts';
import { adoptTls, Socket } from './socket/socket.ts';

/** Who waits for a connection. */
export interface Borrower {
  /** Monotonic milliseconds; waiting ends then with `timeout`. */
  readonly answerDue: number;
  borrowed(connection: BackendSide): void;
  borrowFailed(failure: BackendFailure): void;
}

interface Waiter {
  readonly borrower: Borrower;
  readonly deadline: Deadline;
}

/** What is spoken with backends. */
const protocols = ['http/1.1'];

/** The connections to one route. */
class RoutePool implements ConnectionOwner, DialUser {
  /** Unused connections; the one used last is taken first, since its backend is the least likely to have given it up. */
  readonly #idle: BackendConnection[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #route: Route;
  readonly #backends: Backends;
  /** All connections, whatever they do. */
  #open = 0;
  #connecting = 0;
  readonly #sweep: Deadline;

  constructor(route: Route, backends: Backends) {
    this.#route = route;
    this.#backends = backends;
    this.#sweep = new Deadline(() => this.#closeExpired());
  }

  get empty(): boolean {
    return this.#open === 0 && this.#waiters.length === 0;
  }

  /** `fresh` asks for a connection that was never used. */
  borrow(borrower: Borrower, fresh: boolean): void {
    if (!fresh) {
      for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
        if (this.#usable(connection)) {
          borrower.borrowed(connection);
          return;
        }
        connection.destroy();
      }
    }
    const { pool } = this.#backends;
    if (this.#open >= pool.maxPerRoute && this.#waiters.length >= pool.maxPending) {
      const message = `all ${pool.maxPerRoute} connections to ${this.#route.host}:${this.#route.port} are in use and ${pool.maxPending} calls wait`;
      borrower.borrowFailed({ kind: 'pool-full', message, answering: false, deadline: null });
      return;
    }
    this.#wait(borrower);
    this.#connect();
  }

  withdraw(borrower: Borrower): void {
    const index = this.#waiters.findIndex((waiter) => waiter.borrower === borrower);
    if (index < 0) return;
    const [waiter] = this.#waiters.splice(index, 1);
    wheel.disarm((waiter as Waiter).deadline);
    this.#backends.forgetIfEmpty(this.#route, this);
  }

  connectedTcp(handle: TcpHandle): void {
    this.#connected(new Socket(handle, null));
  }

  connectedTls(socket: TLSSocket): void {
    this.#connected(adoptTls(socket));
  }

  /** Each failed attempt answers one call. */
  dialFailed(failure: BackendFailure): void {
    this.#connecting--;
    this.#open--;
    this.#take()?.borrowFailed(failure);
    this.#settle();
  }

  idle(connection: BackendConnection): void {
    if (!this.#usable(connection)) {
      connection.destroy();
      return;
    }
    this.#serve(connection);
  }

  closed(connection: BackendConnection): void {
    this.#open--;
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#idle.length === 0) wheel.disarm(this.#sweep);
    this.#backends.all.delete(connection);
    this.#settle();
  }

  closeIdle(): void {
    for (const connection of [...this.#idle]) connection.destroy();
    wheel.disarm(this.#sweep);
  }

  #serve(connection: BackendConnection): void {
    const borrower = this.#take();
    if (borrower) {
      borrower.borrowed(connection);
      return;
    }
    connection.idleSince = performance.now();
    this.#idle.push(connection);
    if (!this.#sweep.armed) wheel.arm(this.#sweep, Math.min(this.#backends.pool.idleTime, 1000));
  }

  /** A connection less: another one may be needed, or the pool not any more. */
  #settle(): void {
    if (this.#waiters.length > this.#connecting) this.#connect();
    this.#backends.forgetIfEmpty(this.#route, this);
  }

  #connect(): void {
    const { pool, dialer, timeouts, limits } = this.#backends;
    if (this.#open >= pool.maxPerRoute) return;
    this.#open++;
    this.#connecting++;
    dialer.dial(this.#route, protocols, timeouts, limits, this);
  }

  #connected(socket: Socket): void {
    const { timeouts, limits, all } = this.#backends;
    this.#connecting--;
    const connection = new BackendConnection(socket, this.#route, this, limits, timeouts);
    all.add(connection);
    this.#serve(connection);
  }

  #wait(borrower: Borrower): void {
    const { poolWait } = this.#backends.timeouts;
    const deadline = new Deadline(() => this.#waitedTooLong(borrower));
    const full = this.#open >= this.#backends.pool.maxPerRoute && poolWait > 0;
    const due = full ? Math.min(borrower.answerDue, performance.now() + poolWait) : borrower.answerDue;
    this.#waiters.push({ borrower, deadline });
    if (due !== Number.POSITIVE_INFINITY) wheel.armAt(deadline, due);
  }

  #waitedTooLong(borrower: Borrower): void {
    this.withdraw(borrower);
    if (performance.now() >= borrower.answerDue) {
      borrower.borrowFailed({ kind: 'timeout', message: 'no answer in time', answering: false, deadline: null });
      return;
    }
    const value = this.#backends.timeouts.poolWait;
    const deadline = { name: 'pool-wait', value, setting: 'transport.pool_wait_timeout' };
    borrower.borrowFailed({
      kind: 'pool-full',
      message: `no connection to ${this.#route.host}:${this.#route.port} was free within ${value} ms`,
      answering: false,
      deadline,
    });
  }

  #take(): Borrower | undefined {
    const waiter = this.#waiters.shift();
    if (waiter) wheel.disarm(waiter.deadline);
    return waiter?.borrower;
  }

  #usable(connection: BackendConnection): boolean {
    const now = performance.now();
    const { maxLifespan } = this.#backends.pool;
    return connection.reusable && now - connection.createdAt < maxLifespan && now < this.#goodUntil(connection, now);
  }

  /** The backend's own word, less the grace time, wins over the idle time. */
  #goodUntil(connection: BackendConnection, now: number): number {
    const { idleTime, graceTime } = this.#backends.pool;
    const idleEnd = (connection.idleSince || now) + idleTime;
    if (connection.expiresAt === Number.POSITIVE_INFINITY) return idleEnd;
    const hinted = connection.expiresAt - graceTime;
    // A hint shorter than the grace time would forbid every reuse; half of it is still worth having.
    return Math.min(
      idleEnd,
      hinted > connection.idleSince ? hinted : (connection.expiresAt + connection.idleSince) / 2,
    );
  }

  #closeExpired(): void {
    for (const connection of [...this.#idle]) if (!this.#usable(connection)) connection.destroy();
    if (this.#idle.length > 0) wheel.arm(this.#sweep, Math.min(this.#backends.pool.idleTime, 1000));
  }
}

/** Every connection to every backend, pooled by route. */
export class Backends {
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly pool: PoolOptions;
  readonly dialer = new Dialer();
  readonly all = new Set<BackendConnection>();
  readonly #pools = new Map<string, RoutePool>();
  /** Routes are compiled once and used often: their key is made once. */
  readonly #keys = new WeakMap<Route, string>();

  constructor(limits: Limits, timeouts: Timeouts, pool: PoolOptions) {
    this.limits = limits;
    this.timeouts = timeouts;
    this.pool = pool;
  }

  borrow(route: Route, borrower: Borrower, fresh: boolean): void {
    const key = this.#keyOf(route);
    let pool = this.#pools.get(key);
    if (!pool) {
      pool = new RoutePool(route, this);
      this.#pools.set(key, pool);
    }
    pool.borrow(borrower, fresh);
  }

  /** Stops waiting; harmless when the borrower does not wait. */
  withdraw(route: Route, borrower: Borrower): void {
    this.#pools.get(this.#keyOf(route))?.withdraw(borrower);
  }

  forgetIfEmpty(route: Route, pool: RoutePool): void {
    if (pool.empty) this.#pools.delete(this.#keyOf(route));
  }

  /** Closes what is unused, and with `busy` also what is used. */
  close(busy: boolean): void {
    for (const pool of [...this.#pools.values()]) pool.closeIdle();
    if (busy) for (const connection of [...this.all]) connection.destroy();
  }

  #keyOf(route: Route): string {
    let key = this.#keys.get(route);
    if (key === undefined) {
      key = JSON.stringify([route.host, route.port, route.tls]);
      this.#keys.set(route, key);
    }
    return key;
  }
}
