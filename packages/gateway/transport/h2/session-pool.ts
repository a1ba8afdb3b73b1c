import { Socket as NetSocket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Backends, Borrower } from '../backend-pool.ts';
import type { Route } from '../call.ts';
import type { Dialing, DialUser } from '../dial/dial.ts';
import type { Timeouts } from '../options.ts';
import type { BackendFailure } from '../sides.ts';
import type { TcpHandle } from '../socket/handles.ts';
import { WaitingCalls } from '../waiting-calls.ts';
import { BackendSession, type SessionOwner, usualStreams } from './backend-session.ts';

/** What is offered to a backend by ALPN. */
const protocols = ['h2'];

/** The HTTP/2 connections to one route: few, since calls share them; a further one is opened when none has room. */
export class SessionPool implements SessionOwner, DialUser {
  /** Those that take calls, the oldest first: it is filled first, so that the others fall idle. */
  readonly #sessions: BackendSession[] = [];
  readonly #waiting: WaitingCalls;
  readonly #route: Route;
  readonly #backends: Backends;
  readonly #timeouts: Timeouts;
  /** One at a time: whoever waits can share what it opens. */
  #dialing: Dialing | null = null;
  #choosing = false;

  constructor(route: Route, backends: Backends) {
    this.#route = route;
    this.#backends = backends;
    this.#timeouts = backends.timeoutsOf(route);
    this.#waiting = new WaitingCalls(route, this.#timeouts, () => this.#left());
  }

  get open(): number {
    return this.#sessions.length + this.connecting;
  }

  get idleCount(): number {
    return this.#sessions.filter((session) => session.idle).length;
  }

  get connecting(): number {
    return this.#dialing === null ? 0 : 1;
  }

  get waiting(): number {
    return this.#waiting.count;
  }

  get empty(): boolean {
    return this.open === 0 && this.waiting === 0 && !this.#choosing;
  }

  /** A connection that was used before is as good as another: it is asked for nothing that it has ended. */
  borrow(borrower: Borrower): void {
    const session = this.#waiting.count === 0 ? this.#roomy() : undefined;
    if (session !== undefined) {
      borrower.borrowed(session.lend());
      return;
    }
    const { pool } = this.#backends;
    // Calls for which connections can still be opened, as far as one can know: these do not wait for one of the others.
    const room = (pool.maxPerRoute - this.#sessions.length) * usualStreams;
    if (this.#waiting.count >= room + pool.maxPending) {
      borrower.borrowFailed(this.#waiting.refusal(pool));
      return;
    }
    this.#waiting.add(borrower, room <= 0);
    this.#connect();
  }

  withdraw(borrower: Borrower): void {
    if (this.#waiting.remove(borrower)) this.#left();
  }

  /** Ends every connection, and gives up what is being opened. */
  close(): void {
    this.#dialing?.cancel();
    this.#dialing = null;
    for (const session of [...this.#sessions]) session.destroy();
  }

  // What dialing brings

  connectedTcp(handle: TcpHandle): void {
    // `handle` is an option of Node's that its types leave out.
    this.#connected(new NetSocket({ handle } as unknown as ConstructorParameters<typeof NetSocket>[0]));
  }

  connectedTls(socket: TLSSocket): void {
    if (socket.alpnProtocol === 'h2') {
      this.#connected(socket);
      return;
    }
    socket.destroy();
    const message = 'the backend does not speak HTTP/2: it did not agree to h2 in the TLS handshake';
    this.dialFailed({ kind: 'protocol', message, answering: false, deadline: null });
  }

  /** All have waited for this one. */
  dialFailed(failure: BackendFailure): void {
    this.#dialing = null;
    this.#backends.failed++;
    for (let left = this.#waiting.count; left > 0; left--) this.#waiting.take()?.borrowFailed(failure);
    this.#settle();
  }

  #connected(socket: NetSocket): void {
    const { limits, pool, all } = this.#backends;
    this.#dialing = null;
    this.#backends.opened++;
    const session = new BackendSession(socket, this.#route, this, limits, this.#timeouts, pool);
    this.#sessions.push(session);
    all.add(session);
    this.roomMade(session);
  }

  // What sessions tell

  roomMade(session: BackendSession): void {
    while (this.#waiting.count > 0 && session.hasRoom) this.#waiting.take()?.borrowed(session.lend());
    this.#settle();
  }

  leaving(session: BackendSession): void {
    const index = this.#sessions.indexOf(session);
    if (index >= 0) this.#sessions.splice(index, 1);
    this.#settle();
  }

  closed(session: BackendSession): void {
    this.#backends.all.delete(session);
  }

  /** The first with room. One that turns out to be too old leaves the list; the pool is needed on though it may have nothing left. */
  #roomy(): BackendSession | undefined {
    this.#choosing = true;
    const found = [...this.#sessions].find((session) => session.hasRoom);
    this.#choosing = false;
    return found;
  }

  #connect(): void {
    const { dialer, limits, pool } = this.#backends;
    if (this.#dialing !== null || this.open >= pool.maxPerRoute) return;
    this.#dialing = dialer.dial(this.#route, protocols, this.#timeouts, limits, this);
  }

  /** A call less waits. Nobody is left for the connection that is being opened? */
  #left(): void {
    if (this.#waiting.count === 0) {
      this.#dialing?.cancel();
      this.#dialing = null;
    }
    this.#settle();
  }

  #settle(): void {
    if (this.#waiting.count > 0) this.#connect();
    this.#backends.forgetIfEmpty(this.#route, this);
  }
}
