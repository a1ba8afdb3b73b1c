import { Socket as NetSocket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Deadline, wheel } from '../../deadlines/wheel.ts';
import type { BackendTls, FaultKind, Route } from '../call.ts';
import type { Limits, Timeouts } from '../options.ts';
import type { BackendFailure } from '../sides.ts';
import { connectTcp } from '../socket/connect.ts';
import type { TcpHandle } from '../socket/handles.ts';
import { openTls } from '../tls/client.ts';
import { Attempts, type AttemptsUser } from './attempts.ts';
import { type AddressUser, defaultNames, type Lookup, lookupBySystem, type NameOptions, Names } from './names.ts';
import { authority, type OutgoingProxy, Proxies, type ProxyRules } from './proxies.ts';
import { openTunnel, type TunnelUser } from './tunnel.ts';

/** How backends are found and reached: plain data. What is left out has its default; no proxy is one. */
export interface DialOptions {
  readonly names?: Partial<NameOptions>;
  readonly proxies?: ProxyRules;
}

/** Who wants a connection. One of the three is called, once, and not before `dial` returns. */
export interface DialUser {
  /** A plain connection to the backend or, where one is used, to the proxy. */
  connectedTcp(handle: TcpHandle): void;
  /** A TLS connection to the backend, its handshake over. */
  connectedTls(socket: TLSSocket): void;
  dialFailed(failure: BackendFailure): void;
}

/** A connection that is being opened. */
export interface Dialing {
  /** Gives it up; the user hears nothing more. */
  cancel(): void;
}

/** Milliseconds after which the next address is tried beside one that has not answered (RFC 8305 section 8). */
const stagger = 250;

/** Opens connections to backends, on the way that the options say. */
export class Dialer {
  readonly names: Names;
  readonly #proxies: Proxies;

  /** Throws a SyntaxError when a pattern of the proxies is broken. */
  constructor({ names, proxies }: DialOptions = {}, lookup: Lookup = lookupBySystem) {
    this.names = new Names({ ...defaultNames, ...names }, lookup);
    this.#proxies = new Proxies(proxies ?? { plain: [], secured: [] });
  }

  /** The proxy on the way to a route; null when there is none. */
  proxyOf(route: Route): OutgoingProxy | null {
    return this.#proxies.of(route);
  }

  /** Stops every clock; what is being opened is its user's to cancel. */
  close(): void {
    this.names.close();
  }

  /** `protocols` are offered to a TLS backend (ALPN), the preferred one first. */
  dial(route: Route, protocols: readonly string[], timeouts: Timeouts, limits: Limits, user: DialUser): Dialing {
    return new Dial(this, route, protocols, timeouts, limits, user);
  }
}

/** The way to one connection: name, address, tunnel, TLS, each only where it is needed. */
class Dial implements Dialing, AddressUser, AttemptsUser<TcpHandle>, TunnelUser {
  readonly #dialer: Dialer;
  readonly #route: Route;
  readonly #proxy: OutgoingProxy | null;
  /** Where the connection goes: the proxy, or the backend itself. */
  readonly #host: string;
  readonly #port: number;
  readonly #protocols: readonly string[];
  readonly #timeouts: Timeouts;
  readonly #limits: Limits;
  readonly #user: DialUser;
  readonly #due: Deadline;
  readonly #stagger = new Deadline(() => this.#attempts?.hurry());
  #attempts: Attempts<TcpHandle> | null = null;
  #socket: NetSocket | null = null;
  #secure: TLSSocket | null = null;
  #over = false;

  constructor(
    dialer: Dialer,
    route: Route,
    protocols: readonly string[],
    timeouts: Timeouts,
    limits: Limits,
    user: DialUser,
  ) {
    this.#dialer = dialer;
    this.#route = route;
    this.#proxy = dialer.proxyOf(route);
    this.#host = this.#proxy?.host ?? route.host;
    this.#port = this.#proxy?.port ?? route.port;
    this.#protocols = protocols;
    this.#timeouts = timeouts;
    this.#limits = limits;
    this.#user = user;
    this.#due = new Deadline(() => this.#expired());
    if (this.#connectTimeout > 0) wheel.arm(this.#due, this.#connectTimeout);
    process.nextTick(() => this.#begin());
  }

  #begin(): void {
    if (this.#over) return;
    const { tls, protocol } = this.#route;
    // Proxies read what is not in a tunnel, and they read HTTP/1.1.
    if (this.#proxy !== null && tls === null && protocol === 'h2')
      this.#fail('proxy', `the proxy ${this.#proxy.label}: HTTP/2 without TLS cannot pass through it`);
    else this.#dialer.names.ask(this.#host, this);
  }

  cancel(): void {
    if (this.#over) return;
    this.#finish();
    this.#attempts?.cancel();
    this.#discard();
  }

  // The name

  resolved(addresses: readonly string[]): void {
    this.#attempts = new Attempts(addresses, this);
    this.#attempts.start();
  }

  unresolved(reason: string): void {
    if (this.#proxy !== null) this.#fail('proxy', `the proxy ${this.#proxy.label} has no address (${reason})`);
    else this.#fail('dns', `${this.#host} has no address (${reason})`);
  }

  // The addresses

  connect(address: string, done: (error: string | null, handle: TcpHandle) => void) {
    return connectTcp(address, this.#port, done);
  }

  attempting(more: boolean): void {
    if (more) wheel.arm(this.#stagger, stagger);
    else wheel.disarm(this.#stagger);
  }

  refused(address: string): void {
    this.#dialer.names.avoid(this.#host, address);
  }

  connected(handle: TcpHandle): void {
    wheel.disarm(this.#stagger);
    const { tls } = this.#route;
    if (tls === null) {
      this.#finish();
      this.#user.connectedTcp(handle);
      return;
    }
    // `handle` is an option of Node's that its types leave out.
    const socket = new NetSocket({ handle } as unknown as ConstructorParameters<typeof NetSocket>[0]);
    this.#socket = socket;
    if (this.#proxy === null) this.#startTls(socket, tls);
    else openTunnel(socket, this.#proxy, this.#route.host, this.#route.port, this.#limits, this);
  }

  exhausted(refusals: readonly string[]): void {
    const silent = refusals.every((refusal) => refusal === 'ETIMEDOUT');
    this.#fail(silent ? 'connect-timeout' : this.#proxy === null ? 'connect-refused' : 'proxy', this.#report());
  }

  // The tunnel

  tunnelOpened(): void {
    this.#startTls(this.#socket as NetSocket, this.#route.tls as BackendTls);
  }

  tunnelRefused(reason: string): void {
    this.#fail('proxy', `the proxy ${this.#proxy?.label}: ${reason}`);
  }

  // TLS

  #startTls(socket: NetSocket, tls: BackendTls): void {
    const { tlsHandshake } = this.#timeouts;
    if (tlsHandshake > 0) wheel.arm(this.#due, tlsHandshake);
    else wheel.disarm(this.#due);
    const secure = openTls(socket, { ...this.#route, tls }, this.#protocols, () => {
      if (this.#over) return;
      this.#finish();
      secure.off('error', broke).off('close', closed);
      this.#user.connectedTls(secure);
    });
    const broke = (error: Error): void => this.#fail('tls', error.message);
    const closed = (): void => this.#fail('tls', 'the backend closed the connection in the middle of the handshake');
    secure.on('error', broke).on('close', closed);
    this.#secure = secure;
  }

  // The end

  #expired(): void {
    const secure = this.#secure !== null;
    const name = secure ? 'tls-handshake' : 'connect';
    const value = secure ? this.#timeouts.tlsHandshake : this.#connectTimeout;
    const setting = secure ? 'sluice.gateway.tls_handshake_timeout' : 'http.connection.timeout';
    const what = secure ? `TLS handshake with ${this.#label}` : this.#report();
    this.#fail('connect-timeout', `${what}: not within ${value} ms`, { name, value, setting });
  }

  /** WSO2 takes half of the socket timeout where there is no value; 0 is none. */
  get #connectTimeout(): number {
    return this.#timeouts.connect || this.#timeouts.firstByte;
  }

  get #label(): string {
    const backend = authority(this.#route.host, this.#route.port);
    return this.#proxy === null ? backend : `${backend} through the proxy ${this.#proxy.label}`;
  }

  /** What became of the addresses. */
  #report(): string {
    return `${this.#label}: ${this.#attempts?.report ?? 'no address yet'}`;
  }

  #fail(kind: FaultKind, message: string, deadline: BackendFailure['deadline'] = null): void {
    if (this.#over) return;
    this.cancel();
    this.#user.dialFailed({ kind, message, answering: false, deadline });
  }

  #finish(): void {
    this.#over = true;
    wheel.disarm(this.#due);
    wheel.disarm(this.#stagger);
    this.#dialer.names.withdraw(this.#host, this);
  }

  #discard(): void {
    const socket = this.#secure ?? this.#socket;
    // What it has to say is nobody's any more.
    socket?.on('error', () => {});
    socket?.destroy();
    if (this.#secure !== null) this.#socket?.destroy();
  }
}
