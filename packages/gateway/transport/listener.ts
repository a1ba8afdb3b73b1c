import { createServer, type Socket as NetSocket, type Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { Backends } from './backend-pool.ts';
import type { CallHandler } from './call.ts';
import { ClientConnection } from './client-connection.ts';
import { backlog, Entrance } from './entrance.ts';
import { ClientSession } from './h2/client-session.ts';
import {
  completeTimeouts,
  defaultHttp2,
  defaultLimits,
  defaultPool,
  type Http2Options,
  type Listener,
  type ListenerOptions,
} from './options.ts';
import type { OpenConnection, Reception } from './reception.ts';
import { SideDoors } from './side-doors.ts';
import { acceptHandles, type PeerName, type TcpHandle } from './socket/handles.ts';
import { adoptTls, Socket } from './socket/socket.ts';
import { type ListenerTls, TlsAcceptor } from './tls/server.ts';

/** The address is taken by another program. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  readonly port: number;

  constructor(host: string, port: number, options?: ErrorOptions) {
    super(`port ${port} on ${host} is already in use`, options);
    this.port = port;
  }
}

/** A socket that takes HTTP/1.1 calls, and the pool of backend connections that they share. */
export function createListener(options: ListenerOptions): Listener {
  return new SocketListener(options);
}

class SocketListener implements Listener, Reception {
  readonly clients = new Set<OpenConnection>();
  readonly handler: CallHandler;
  readonly backends: Backends;
  readonly secure: boolean;
  readonly halfClose: boolean;
  draining = false;
  grace = 0;
  port: number;
  readonly #server: Server;
  readonly #tls: TlsAcceptor | null;
  /** Null where connections are not bounded. */
  readonly #entrance: Entrance | null;
  readonly #sideDoors: SideDoors | null;
  readonly #options: ListenerOptions;
  readonly #http2: Http2Options;
  /** Drains that wait for the last connection. */
  readonly #drains = new Set<() => void>();
  /** Connections accepted since the start. */
  #accepted = 0;
  /** Connections whose TLS handshake is not over. */
  #handshakes = 0;
  /** What lies under TLS. One in the middle of its handshake is no client yet, but must not outlive the listener. */
  readonly #sockets = new Set<NetSocket>();
  #over = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.handler = options.handler;
    this.port = options.port;
    this.secure = options.tls !== undefined;
    this.halfClose = options.halfClose ?? false;
    this.#http2 = { ...defaultHttp2, ...options.http2 };
    const timeouts = options.backends?.timeouts ?? completeTimeouts(options.timeouts);
    this.backends =
      options.backends ??
      new Backends({ ...defaultLimits, ...options.limits }, timeouts, { ...defaultPool, ...options.pool });
    this.#tls = options.tls ? this.#acceptorOf(options.tls, timeouts.tlsHandshake) : null;
    this.#server = createServer({ noDelay: true }, (socket) => this.#arriveTls(socket));
    const { connectionLimit, another } = options;
    this.#entrance = connectionLimit
      ? new Entrance(this.#server, connectionLimit, another, () => this.#takeHandles())
      : null;
    // A handshake costs so much more than a turn of the loop that it would win nothing; and who counts connections has one entrance.
    this.#sideDoors =
      another && !this.secure && !connectionLimit ? new SideDoors(another, (handle) => this.#arriveTcp(handle)) : null;
  }

  listen(): Promise<number> {
    const { host, port, bound } = this.#options;
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? new PortInUseError(host, port, { cause: error }) : error);
      this.#server.once('error', failed);
      const listening = () => {
        this.#server.off('error', failed);
        // Running out of descriptors must not end the process; accepting goes on when some are free again.
        this.#server.on('error', () => {});
        this.port = (this.#server.address() as { port: number }).port;
        this.#takeHandles();
        this.#entrance?.open();
        void this.#sideDoors?.open();
        resolve(this.port);
      };
      if (bound) this.#server.listen(bound, backlog, listening);
      else this.#server.listen({ host, port, backlog }, listening);
    });
  }

  get connections(): number {
    return this.clients.size;
  }

  setTls(tls: ListenerTls): void {
    this.#tls?.replace(tls);
  }

  async drain(millis: number, grace = 0): Promise<{ abandoned: number }> {
    this.draining = true;
    this.grace = Math.min(grace, millis);
    if (this.grace > 0) await this.#takeQueued();
    this.#entrance?.close(this.grace > 0);
    this.#sideDoors?.close();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const connection of [...this.clients]) connection.drain();
    if (!this.#idle) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drains.add(resolve);
      const timer = setTimeout(resolve, millis);
      await promise;
      clearTimeout(timer);
      this.#drains.delete(resolve);
    }
    this.#over = true;
    const abandoned = [...this.clients].filter((connection) => connection.busy).length;
    for (const connection of [...this.clients]) connection.abandon();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#options.backends === undefined) this.backends.close();
    await closed;
    return { abandoned };
  }

  async close(): Promise<void> {
    await this.drain(0);
  }

  /** Connections that the kernel has accepted already are reset when the socket closes: they are taken first. */
  async #takeQueued(): Promise<void> {
    // With a steady stream of new ones there is no last one: no more than the queue can hold are waited for.
    const most = this.#accepted + backlog;
    // By each handle one connection is accepted in a turn of the loop; the second quiet turn tells that none was left.
    for (let quiet = 0; quiet < 2 && this.#accepted < most; ) {
      const before = this.#accepted;
      await nextTurn();
      quiet = this.#accepted === before ? quiet + 1 : 0;
    }
  }

  /** Nothing is left that a drain waits for. */
  get #idle(): boolean {
    return this.clients.size === 0 && (this.grace === 0 || this.#handshakes === 0);
  }

  #settle(): void {
    if (this.draining && this.#idle) for (const resolve of this.#drains) resolve();
  }

  arrived(connection: OpenConnection): void {
    this.clients.add(connection);
  }

  left(connection: OpenConnection): void {
    this.clients.delete(connection);
    if (!this.secure) this.#entrance?.left();
    this.#settle();
  }

  get #takesNone(): boolean {
    return this.#over || (this.draining && this.grace === 0);
  }

  /** What is not encrypted needs no stream. */
  #takeHandles(): void {
    if (this.#tls === null) acceptHandles(this.#server, (handle) => this.#arriveTcp(handle));
  }

  #arriveTcp(handle: TcpHandle): void {
    this.#accepted++;
    if (this.#entrance === null) this.#acceptTcp(handle);
    else this.#entrance.arrive({ take: () => this.#acceptTcp(handle), refuse: () => handle.close() });
  }

  #arriveTls(socket: NetSocket): void {
    this.#accepted++;
    if (this.#entrance === null) {
      this.#shakeHands(socket);
      return;
    }
    // It may break while it waits.
    socket.on('error', () => {});
    this.#entrance.arrive({ take: () => this.#shakeHands(socket), refuse: () => socket.destroy() });
  }

  #acceptTcp(handle: TcpHandle): void {
    const peer: Partial<PeerName> = {};
    // A client that is gone already has no name any more.
    if (this.#takesNone || handle.getpeername(peer) !== 0) {
      handle.close();
      this.#entrance?.left();
      return;
    }
    handle.setNoDelay(true);
    new ClientConnection(new Socket(handle, null), peer.address ?? '', peer.port ?? 0, this);
  }

  #acceptorOf(tls: ListenerTls, handshakeTimeout: number): TlsAcceptor {
    const protocols = this.#http2.enabled ? ['h2', 'http/1.1'] : ['http/1.1'];
    return new TlsAcceptor(tls, protocols, handshakeTimeout || 120_000, {
      secured: (socket) => {
        this.#handshakes--;
        this.#acceptTls(socket);
      },
      failed: () => {
        this.#handshakes--;
        this.#settle();
      },
    });
  }

  #shakeHands(socket: NetSocket): void {
    if (socket.destroyed) {
      this.#entrance?.left();
      return;
    }
    this.#handshakes++;
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#entrance?.left();
    });
    this.#tls?.accept(socket);
  }

  #acceptTls(socket: TLSSocket): void {
    const { remoteAddress = '', remotePort = 0 } = socket;
    if (this.#takesNone || socket.destroyed) socket.destroy();
    else if (socket.alpnProtocol === 'h2') new ClientSession(socket, remoteAddress, remotePort, this.#http2, this);
    else new ClientConnection(adoptTls(socket), remoteAddress, remotePort, this);
  }
}
