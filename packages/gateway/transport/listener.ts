import { createServer, type Socket as NetSocket, type Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions, type Server as TlsServer } from 'node:tls';
import { Backends } from './backend-pool.ts';
import type { CallHandler } from './call.ts';
import { ClientConnection, type OpenConnection, type Reception } from './client-connection.ts';
import {
  defaultLimits,
  defaultPool,
  defaultTimeouts,
  type Listener,
  type ListenerOptions,
  type ListenerTls,
} from './options.ts';
import { acceptHandles, type PeerName, type TcpHandle } from './socket/handles.ts';
import { adoptTls, Socket } from './socket/socket.ts';

/** Connections that the kernel accepts ahead of the process. */
const backlog = 1024;

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
  readonly #server: Server | TlsServer;
  readonly #options: ListenerOptions;
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
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.backends = new Backends({ ...defaultLimits, ...options.limits }, timeouts, {
      ...defaultPool,
      ...options.pool,
    });
    if (options.tls) {
      const server = createTlsServer({
        ...contextOf(options.tls),
        allowHalfOpen: true,
        noDelay: true,
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: timeouts.tlsHandshake || 120_000,
      });
      server.on('connection', (socket) => {
        this.#accepted++;
        this.#handshakes++;
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      });
      server.on('secureConnection', (socket) => {
        this.#handshakes--;
        this.#acceptTls(socket);
      });
      server.on('tlsClientError', (_error, socket) => {
        this.#handshakes--;
        // A handshake that took too long is only reported; the socket would stay.
        socket.destroy();
        this.#settle();
      });
      this.#server = server;
    } else {
      this.#server = createServer();
    }
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
        if (!this.secure) acceptHandles(this.#server, (handle) => this.#acceptTcp(handle));
        resolve(this.port);
      };
      if (bound) this.#server.listen(bound, backlog, listening);
      else this.#server.listen({ host, port, backlog }, listening);
    });
  }

  get connections(): number {
    return this.clients.size;
  }

  setCertificate(tls: ListenerTls): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(contextOf(tls));
  }

  async drain(millis: number, grace = 0): Promise<{ abandoned: number }> {
    this.draining = true;
    this.grace = Math.min(grace, millis);
    if (this.grace > 0) await this.#takeQueued();
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
    this.backends.close(true);
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
    // One connection is accepted in each turn of the loop; the second quiet turn tells that none was left.
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
    this.#settle();
  }

  get #takesNone(): boolean {
    return this.#over || (this.draining && this.grace === 0);
  }

  #acceptTcp(handle: TcpHandle): void {
    this.#accepted++;
    const peer: Partial<PeerName> = {};
    // A client that is gone already has no name any more.
    if (this.#takesNone || handle.getpeername(peer) !== 0) {
      handle.close();
      return;
    }
    handle.setNoDelay(true);
    new ClientConnection(new Socket(handle, null), peer.address ?? '', peer.port ?? 0, this);
  }

  #acceptTls(socket: TLSSocket): void {
    if (this.#takesNone || socket.destroyed) socket.destroy();
    else new ClientConnection(adoptTls(socket), socket.remoteAddress ?? '', socket.remotePort ?? 0, this);
  }
}

function contextOf(tls: ListenerTls): TlsOptions {
  const passphrase = tls.passphrase === undefined ? {} : { passphrase: tls.passphrase };
  return 'pfx' in tls ? { pfx: Buffer.from(tls.pfx), ...passphrase } : { cert: tls.cert, key: tls.key, ...passphrase };
}
