import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls';
import { Backends } from './backend-pool.ts';
import type { CallHandler } from './call.ts';
import { ClientConnection, type Reception } from './client-connection.ts';
import {
  defaultLimits,
  defaultPool,
  defaultTimeouts,
  type Listener,
  type ListenerOptions,
  type ListenerTls,
} from './options.ts';

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
  readonly clients = new Set<ClientConnection>();
  readonly handler: CallHandler;
  readonly backends: Backends;
  readonly secure: boolean;
  readonly halfClose: boolean;
  draining = false;
  port: number;
  readonly #server: Server | TlsServer;
  readonly #options: ListenerOptions;
  /** Drains that wait for the last connection. */
  readonly #drains = new Set<() => void>();

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
    const accept = (socket: Socket) => this.#accept(socket);
    if (options.tls) {
      const server = createTlsServer({
        ...contextOf(options.tls),
        allowHalfOpen: true,
        noDelay: true,
        ALPNProtocols: ['http/1.1'],
        handshakeTimeout: timeouts.tlsHandshake || 120_000,
      });
      server.on('secureConnection', accept);
      server.on('tlsClientError', () => {});
      this.#server = server;
    } else {
      this.#server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    }
  }

  listen(): Promise<number> {
    const { host, port } = this.#options;
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? new PortInUseError(host, port, { cause: error }) : error);
      this.#server.once('error', failed);
      this.#server.listen({ host, port, backlog: 1024 }, () => {
        this.#server.off('error', failed);
        // Running out of descriptors must not end the process; accepting goes on when some are free again.
        this.#server.on('error', () => {});
        this.port = (this.#server.address() as { port: number }).port;
        resolve(this.port);
      });
    });
  }

  get connections(): number {
    return this.clients.size;
  }

  setCertificate(tls: ListenerTls): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(contextOf(tls));
  }

  async drain(millis: number): Promise<{ abandoned: number }> {
    this.draining = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const connection of [...this.clients]) connection.drain();
    if (this.clients.size > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#drains.add(resolve);
      const timer = setTimeout(resolve, millis);
      await promise;
      clearTimeout(timer);
      this.#drains.delete(resolve);
    }
    const abandoned = [...this.clients].filter((connection) => connection.busy).length;
    for (const connection of [...this.clients]) connection.abandon();
    this.backends.close(true);
    await closed;
    return { abandoned };
  }

  async close(): Promise<void> {
    await this.drain(0);
  }

  #accept(socket: Socket): void {
    if (this.draining) {
      socket.destroy();
      return;
    }
    new ClientConnection(socket, this);
    socket.once('close', () => {
      if (this.draining && this.clients.size === 0) for (const resolve of this.#drains) resolve();
    });
  }
}

function contextOf(tls: ListenerTls): TlsOptions {
  const passphrase = tls.passphrase === undefined ? {} : { passphrase: tls.passphrase };
  return 'pfx' in tls ? { pfx: Buffer.from(tls.pfx), ...passphrase } : { cert: tls.cert, key: tls.key, ...passphrase };
}
