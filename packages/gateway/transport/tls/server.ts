import { constants, createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import type { TlsIdentity } from './sender.ts';
import { type TlsVersions, versionOptions } from './versions.ts';

/** What is demanded of clients that show a certificate. */
export interface ClientDemand {
  /**
   * `optional` asks for a certificate, and one that cannot be verified counts as none. `require` ends the connection of a client
   * without one that can.
   */
  readonly verify: 'optional' | 'require';
  /** PEM certificates of the authorities that are believed. */
  readonly trusted: readonly string[];
  /** PEM lists of revoked certificates; with one, every authority of a chain needs its own. */
  readonly revoked?: readonly string[];
}

/** How clients are met at one address: with which certificates, and what is demanded of them. */
export interface ListenerProfile extends TlsIdentity, TlsVersions {
  /** Certificates for single server names, `host` or `*.host` (one label), lower-case; the first that has the name is shown. */
  readonly named?: readonly (TlsIdentity & { readonly names: readonly string[] })[];
  /** Absent asks nobody for a certificate. */
  readonly clients?: ClientDemand;
}

/** Plain data. */
export interface ListenerTls extends ListenerProfile {
  /** For connections to single local addresses: the first that has the address holds for it, whole. */
  readonly addresses?: readonly (ListenerProfile & { readonly address: string })[];
  /** 48 secret bytes that seal what is needed to shorten a next handshake; who has the same can take it up. Absent: known to this listener alone. */
  readonly ticketKeys?: Uint8Array;
}

/** What becomes of a connection. */
export interface HandshakeEnds {
  /** Handshake and, where one is required, the client's certificate are good. */
  secured(socket: TLSSocket): void;
  /** There is nothing to talk to; the socket is destroyed. */
  failed(socket: TLSSocket): void;
}

type Found = (error: Error | null, context?: SecureContext) => void;

/** Shakes hands with clients. It has no socket to listen on: connections are handed to `accept`. */
export class TlsAcceptor {
  readonly #protocols: readonly string[];
  readonly #handshakeTimeout: number;
  readonly #ends: HandshakeEnds;
  #everywhere: Server;
  #byAddress: ReadonlyMap<string, Server>;

  /** `protocols` are offered by ALPN, the preferred one first; `handshakeTimeout` in milliseconds. Throws when a certificate, key or cipher list cannot be used. */
  constructor(options: ListenerTls, protocols: readonly string[], handshakeTimeout: number, ends: HandshakeEnds) {
    this.#protocols = protocols;
    this.#handshakeTimeout = handshakeTimeout;
    this.#ends = ends;
    [this.#everywhere, this.#byAddress] = this.#servers(options);
  }

  /** New handshakes go by these options; throws, with nothing changed, when they cannot be used. */
  replace(options: ListenerTls): void {
    [this.#everywhere, this.#byAddress] = this.#servers(options);
  }

  accept(socket: Socket): void {
    const server =
      this.#byAddress.size === 0
        ? this.#everywhere
        : (this.#byAddress.get(plainAddress(socket.localAddress)) ?? this.#everywhere);
    server.emit('connection', socket);
  }

  #servers(options: ListenerTls): [Server, Map<string, Server>] {
    const byAddress = new Map<string, Server>();
    for (const profile of options.addresses ?? []) {
      const address = plainAddress(profile.address);
      if (!byAddress.has(address)) byAddress.set(address, this.#server(profile, options.ticketKeys));
    }
    return [this.#server(options, options.ticketKeys), byAddress];
  }

  #server(profile: ListenerProfile, ticketKeys: Uint8Array | undefined): Server {
    const { clients } = profile;
    const shared = {
      ...versionOptions(profile),
      // A client cannot make the gateway compute new keys again and again.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(clients ? { ca: [...clients.trusted] } : {}),
      ...(clients?.revoked?.length ? { crl: [...clients.revoked] } : {}),
      sessionIdContext: contextOfSessions(clients),
    };
    const named = new Map<string, SecureContext>();
    for (const { names, cert, key } of profile.named ?? []) {
      const context = createSecureContext({ ...shared, cert, key });
      for (const name of names) if (!named.has(name)) named.set(name, context);
    }
    const server = createServer({
      ...shared,
      cert: profile.cert,
      key: profile.key,
      ...(ticketKeys ? { ticketKeys: Buffer.from(ticketKeys) } : {}),
      requestCert: clients !== undefined,
      rejectUnauthorized: clients?.verify === 'require',
      ALPNProtocols: [...this.#protocols],
      handshakeTimeout: this.#handshakeTimeout,
      ...(named.size > 0
        ? { SNICallback: (name: string, found: Found) => found(null, contextNamed(named, name)) }
        : {}),
    });
    server.on('secureConnection', (socket) => this.#ends.secured(socket));
    server.on('tlsClientError', (_, socket) => {
      // A handshake that took too long is only reported; the socket would stay.
      socket.destroy();
      this.#ends.failed(socket);
    });
    return server;
  }
}

/** Throws what `TlsAcceptor` would, where nothing is to be accepted. */
export function assertUsable(options: ListenerTls): void {
  new TlsAcceptor(options, [], 1, { secured: () => {}, failed: () => {} });
}

/** Undefined shows the certificate of everybody else. */
function contextNamed(named: ReadonlyMap<string, SecureContext>, name: string): SecureContext | undefined {
  const lower = name.toLowerCase();
  return named.get(lower) ?? named.get(`*${lower.slice(Math.max(0, lower.indexOf('.')))}`);
}

/** Who was let in under other demands must not come back by a short handshake: it would skip these. */
function contextOfSessions(clients: ClientDemand | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify(clients ?? null))
    .digest('hex')
    .slice(0, 32);
}

/** IPv4 addresses of a socket that takes both families come in IPv6's clothes. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
}
