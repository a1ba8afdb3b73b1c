import type { ClientHttp2Session, ClientHttp2Stream, ClientSessionOptions } from 'node:http2';
import type { Socket as NetSocket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { monotonic } from '../../deadlines/clock.ts';
import { Deadline, wheel } from '../../deadlines/wheel.ts';
import type { Route } from '../call.ts';
import type { Limits, PoolOptions, Timeouts } from '../options.ts';
import type { BackendFailure } from '../sides.ts';
import { BackendStream } from './backend-stream.ts';
import { failureOf } from './failure.ts';
import { http2 } from './module.ts';
import type { Opening } from './outgoing.ts';

/** What a session tells its pool. */
export interface SessionOwner {
  /** There is room for a call, or more room than before. */
  roomMade(session: BackendSession): void;
  /** It takes no further calls. */
  leaving(session: BackendSession): void;
  /** It is over. */
  closed(session: BackendSession): void;
}

/** Bytes of one answer that the backend may send ahead of the client's reading, and of all answers on a connection. */
const streamWindow = 256 * 1024;
const sessionWindow = 1024 * 1024;
/** Calls at once until the backend has said how many it takes (RFC 9113 section 6.5.2 advises no fewer than this). */
export const usualStreams = 100;
/** MiB that a connection may take up: every answer a full window, and as much again. */
const memory = 64;
/** How long a connection may take to end, where no setting says. */
const farewellMillis = 1000;

/** One HTTP/2 connection to a backend, which many calls share. */
export class BackendSession {
  readonly route: Route;
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  /** Calls that were sent on it. */
  uses = 0;
  /** Monotonic milliseconds at which something last came from the backend. */
  heardAt = monotonic();
  readonly #socket: NetSocket;
  readonly #session: ClientHttp2Session;
  readonly #owner: SessionOwner;
  readonly #pool: PoolOptions;
  readonly createdAt = monotonic();
  readonly #streams = new Set<BackendStream>();
  readonly #deadline = new Deadline(() => this.#expired());
  #mostStreams = usualStreams;
  /** Takes no further calls. */
  #closing = false;
  #over = false;
  #failure: Pick<BackendFailure, 'kind' | 'message'> | null = null;

  constructor(
    socket: NetSocket | TLSSocket,
    route: Route,
    owner: SessionOwner,
    limits: Limits,
    timeouts: Timeouts,
    pool: PoolOptions,
  ) {
    this.route = route;
    this.#socket = socket;
    this.limits = limits;
    this.timeouts = timeouts;
    this.#owner = owner;
    this.#pool = pool;
    // `strictSingleValueFields` is an option that Node's types leave out for clients.
    const options: ClientSessionOptions & { readonly strictSingleValueFields: boolean } = {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindow, maxHeaderListSize: 2 * limits.headBytes },
      maxHeaderListPairs: 2 * limits.headerCount + 8,
      maxSendHeaderBlockLength: 4 * limits.headBytes,
      peerMaxConcurrentStreams: usualStreams,
      maxSessionMemory: memory,
      strictSingleValueFields: false,
    };
    const session = http2().connect(`${this.scheme}://localhost`, options);
    this.#session = session;
    session.on('connect', () => {
      if (!session.destroyed) session.setLocalWindowSize(sessionWindow);
    });
    session.on('remoteSettings', ({ maxConcurrentStreams = Number.POSITIVE_INFINITY }) => {
      // None at all is said for a while only: a call may wait for it on the stream as well.
      this.#mostStreams = Math.max(maxConcurrentStreams, 1);
      this.#owner.roomMade(this);
    });
    session.on('goaway', () => this.#leave());
    session.on('error', (error: NodeJS.ErrnoException) => this.#broke(error));
    session.on('close', () => this.#closed());
    this.#becomeIdle();
  }

  get scheme(): 'https' | 'http' {
    return this.route.tls === null ? 'http' : 'https';
  }

  /** Another call may go on it. One that is old enough to be replaced ends with the calls that it has. */
  get hasRoom(): boolean {
    if (this.#closing || this.#session.closed || this.#session.destroyed) return false;
    if (monotonic() - this.createdAt >= this.#pool.maxLifespan) this.#close();
    return !this.#closing && this.#streams.size < this.#mostStreams;
  }

  get idle(): boolean {
    return this.#streams.size === 0;
  }

  /** Why its calls end before their answers do, when it is the whole session that ended. */
  get failure(): Pick<BackendFailure, 'kind' | 'message'> | null {
    if (this.#failure !== null) return this.#failure;
    return this.#session.destroyed ? { kind: 'closed', message: 'the backend closed the connection' } : null;
  }

  /** Room for one call. */
  lend(): BackendStream {
    const stream = new BackendStream(this, ++this.uses);
    this.#streams.add(stream);
    wheel.disarm(this.#deadline);
    return stream;
  }

  /** Opens the stream of a call; null when the session has ended meanwhile. */
  open(opening: Opening): ClientHttp2Stream | null {
    if (this.#session.closed || this.#session.destroyed) return null;
    return this.#session.request(opening.head, opening);
  }

  streamClosed(stream: BackendStream): void {
    if (!this.#streams.delete(stream) || this.#over) return;
    if (this.#streams.size === 0) this.#becomeIdle();
    if (!this.#closing) this.#owner.roomMade(this);
  }

  /** A call that began at this instant was given up. Where nothing has come since, the connection may be dead: others must not wait for it too. */
  gaveUp(since: number): void {
    if (this.heardAt < since && !this.#closing) this.#close();
  }

  /** Ends it and the calls on it at once. */
  destroy(): void {
    this.#session.destroy();
    // A session that was to end in order waits for the backend to close its side.
    this.#socket.destroy();
    this.#closed();
  }

  #becomeIdle(): void {
    // A backend that does not read would keep a connection open that is to end.
    wheel.arm(this.#deadline, this.#closing ? this.timeouts.discard || farewellMillis : this.#pool.idleTime);
  }

  #expired(): void {
    if (!this.idle) return;
    if (this.#closing) this.destroy();
    else this.#close();
  }

  #close(): void {
    this.#leave();
    this.#session.close();
  }

  #broke(error: NodeJS.ErrnoException): void {
    this.#failure = failureOf(error);
    this.#leave();
  }

  /** No further calls; those on their way go on as far as they can. */
  #leave(): void {
    if (this.#closing) return;
    this.#closing = true;
    wheel.disarm(this.#deadline);
    this.#owner.leaving(this);
    if (this.idle && !this.#over) this.#becomeIdle();
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.#leave();
    wheel.disarm(this.#deadline);
    this.#owner.closed(this);
  }
}
