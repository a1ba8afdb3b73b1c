import type { TLSSocket } from 'node:tls';
import { monotonic } from '../deadlines/clock.ts';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import { BackendConnection, type ConnectionOwner } from './backend-connection.ts';
import type { Backends, Borrower } from './backend-pool.ts';
import type { Route } from './call.ts';
import type { Dialing, DialUser } from './dial/dial.ts';
import { type RequestForm, requestForm } from './dial/request-form.ts';
import type { Timeouts } from './options.ts';
import type { BackendFailure } from './sides.ts';
import type { TcpHandle } from './socket/handles.ts';
import { adoptTls, Socket } from './socket/socket.ts';
import { WaitingCalls } from './waiting-calls.ts';

/** What is offered to a backend by ALPN. */
const protocols = ['http/1.1'];

/** Milliseconds between two looks for connections that have rested long enough. */
const sweepMillis = 1000;

/** The HTTP/1.1 connections to one route, one call on each at a time, and the calls that wait for one. */
export class RoutePool implements ConnectionOwner {
  /** Unused connections; the one used last is taken first, since its backend is the least likely to have given it up. */
  readonly #idle: BackendConnection[] = [];
  readonly #waiting: WaitingCalls;
  /** Connections that are being opened, the oldest first. */
  readonly #dials = new Set<Dialing>();
  /** All connections, whatever they do, those that are being opened included. */
  #open = 0;
  #discarding = false;
  readonly #route: Route;
  readonly #backends: Backends;
  readonly #timeouts: Timeouts;
  readonly #form: RequestForm;
  readonly #sweep: Deadline;

  constructor(route: Route, backends: Backends) {
    this.#route = route;
    this.#backends = backends;
    this.#timeouts = backends.timeoutsOf(route);
    this.#form = requestForm(route, backends.dialer.proxyOf(route), backends.pool.keepAlive);
    this.#waiting = new WaitingCalls(route, this.#timeouts, () => this.#left());
    this.#sweep = new Deadline(() => this.#closeExpired());
  }

  get open(): number {
    return this.#open;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  get connecting(): number {
    return this.#dials.size;
  }

  get waiting(): number {
    return this.#waiting.count;
  }

  get empty(): boolean {
    return this.#open === 0 && this.#waiting.count === 0 && !this.#discarding;
  }

  /** `fresh` asks for a connection that was never used. */
  borrow(borrower: Borrower, fresh: boolean): void {
    if (!fresh) {
      const now = monotonic();
      for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
        if (this.#usable(connection, now)) {
          borrower.borrowed(connection);
          return;
        }
        this.#discard(connection);
      }
    } else if (this.#open >= this.#backends.pool.maxPerRoute) {
      const rested = this.#idle.shift();
      if (rested) this.#discard(rested);
    }
    const { pool } = this.#backends;
    const full = this.#open >= pool.maxPerRoute;
    // Those for whom a connection is being opened do not wait for one of the others.
    if (full && this.#waiting.count - this.#dials.size >= pool.maxPending) {
      borrower.borrowFailed(this.#waiting.refusal(pool));
      return;
    }
    this.#waiting.add(borrower, full, fresh);
    if (!full) this.#connect();
  }

  /** Closes a connection while a call asks for one: the pool is needed on though it may have nothing left. */
  #discard(connection: BackendConnection): void {
    this.#discarding = true;
    connection.destroy();
    this.#discarding = false;
  }

  withdraw(borrower: Borrower): void {
    if (this.#waiting.remove(borrower)) this.#left();
  }

  /** A call gave up waiting. */
  #left(): void {
    // Nobody is left for the oldest attempt: a backend that swallows connects must not gather attempts of clients that went away.
    const [oldest] = this.#dials;
    if (oldest !== undefined && this.#dials.size > this.#waiting.count) {
      oldest.cancel();
      this.#dials.delete(oldest);
      this.#open--;
    }
    this.#backends.forgetIfEmpty(this.#route, this);
  }

  idle(connection: BackendConnection): void {
    if (this.#usable(connection, connection.idleSince)) this.#serve(connection);
    else connection.destroy();
  }

  closed(connection: BackendConnection): void {
    this.#open--;
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
    if (this.#idle.length === 0) wheel.disarm(this.#sweep);
    this.#backends.all.delete(connection);
    this.#settle();
  }

  /** Closes what is unused, and gives up what is being opened. */
  close(): void {
    for (const connection of [...this.#idle]) connection.destroy();
    for (const dialing of this.#dials) dialing.cancel();
    this.#open -= this.#dials.size;
    this.#dials.clear();
  }

  #serve(connection: BackendConnection): void {
    const borrower = this.#waiting.take(connection.uses > 0);
    if (borrower) {
      borrower.borrowed(connection);
      return;
    }
    if (this.#waiting.count > this.#dials.size) {
      // Whoever waits wants a new one, and there is no room for it.
      connection.destroy();
      return;
    }
    this.#idle.push(connection);
    if (!this.#sweep.armed) wheel.arm(this.#sweep, Math.min(this.#backends.pool.idleTime, sweepMillis));
  }

  /** A connection less: another one may be needed, or the pool not any more. */
  #settle(): void {
    if (this.#waiting.count > this.#dials.size && this.#open < this.#backends.pool.maxPerRoute) this.#connect();
    this.#backends.forgetIfEmpty(this.#route, this);
  }

  // Opening

  #connect(): void {
    const { dialer, limits } = this.#backends;
    this.#open++;
    const user: DialUser = {
      connectedTcp: (handle: TcpHandle) => this.#connected(dialing, new Socket(handle, null)),
      connectedTls: (socket: TLSSocket) => this.#connected(dialing, adoptTls(socket)),
      dialFailed: (failure) => this.#dialFailed(dialing, failure),
    };
    const dialing = dialer.dial(this.#route, protocols, this.#timeouts, limits, user);
    this.#dials.add(dialing);
  }

  #connected(dialing: Dialing, socket: Socket): void {
    const { limits, all } = this.#backends;
    this.#dials.delete(dialing);
    this.#backends.opened++;
    const connection = new BackendConnection(socket, this.#route, this, limits, this.#timeouts, this.#form);
    all.add(connection);
    this.#serve(connection);
  }

  /** Each failed attempt answers one call. */
  #dialFailed(dialing: Dialing, failure: BackendFailure): void {
    this.#dials.delete(dialing);
    this.#open--;
    this.#backends.failed++;
    this.#waiting.take()?.borrowFailed(failure);
    this.#settle();
  }

  // Resting

  #usable(connection: BackendConnection, now: number): boolean {
    const { maxLifespan, keepAlive } = this.#backends.pool;
    if (!connection.reusable || now - connection.createdAt >= maxLifespan) return false;
    return now < this.#goodUntil(connection) && (keepAlive || connection.uses === 0);
  }

  /** A connection rests for the idle time, and for no longer than its backend said, less the grace time. */
  #goodUntil({ idleSince, expiresAt }: BackendConnection): number {
    const { idleTime, graceTime } = this.#backends.pool;
    const idleEnd = idleSince + idleTime;
    if (expiresAt === Number.POSITIVE_INFINITY) return idleEnd;
    const hinted = expiresAt - graceTime;
    // A hint shorter than the grace time would forbid every reuse; half of it is still worth having.
    return Math.min(idleEnd, hinted > idleSince ? hinted : (expiresAt + idleSince) / 2);
  }

  #closeExpired(): void {
    const now = monotonic();
    for (const connection of [...this.#idle]) if (!this.#usable(connection, now)) connection.destroy();
    if (this.#idle.length > 0) wheel.arm(this.#sweep, Math.min(this.#backends.pool.idleTime, sweepMillis));
  }
}
