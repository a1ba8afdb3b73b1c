import type { Backends } from './backend-pool.ts';
import type { CallHandler } from './call.ts';
import type { ConnectionLimit } from './connection-limit.ts';
import type { ListenerTls } from './tls/server.ts';

/** Bounds of what one message may be. A message beyond one is refused, and the refusal names it. */
export interface Limits {
  /** Bytes of request line and headers together; beyond it 431. `sluice.gateway.max_head_size`. */
  readonly headBytes: number;
  /** Header lines; beyond it 431. `sluice.gateway.max_header_count`. */
  readonly headerCount: number;
  /** Bytes of the request target; beyond it 414. `sluice.gateway.max_request_line`. */
  readonly targetBytes: number;
  /** Bytes by which the extensions of chunks may exceed the data before them, and bytes of all trailers together; beyond it 400. `sluice.gateway.max_chunk_extension`. */
  readonly chunkExtensionBytes: number;
  /** Bytes of a body; beyond it a request is answered with 413, and an answer becomes 502 or breaks off. 0 sets no bound. `message.size.validation`. */
  readonly bodyBytes: number;
  /** Bytes of an unread request body that are read and thrown away so that the connection can go on or the answer arrives. `sluice.gateway.max_discarded_body`. */
  readonly discardBytes: number;
}

/** The defaults of the settings, as are those below. */
export const defaultLimits: Limits = {
  headBytes: 64 * 1024,
  headerCount: 200,
  targetBytes: 16 * 1024,
  chunkExtensionBytes: 1024,
  bodyBytes: 0,
  discardBytes: 256 * 1024,
};

/** Deadlines, milliseconds. 0 never fires. */
export interface Timeouts {
  /** Silence of a client in the middle of a request. `sluice.gateway.client_body_idle_timeout`. */
  readonly clientBodyIdle: number;
  /** For how long a client may take nothing of its answer. `sluice.gateway.client_write_idle_timeout`. */
  readonly clientWriteIdle: number;
  /** For how long a backend may take nothing of a request. `sluice.gateway.backend_write_idle_timeout`. */
  readonly backendWriteIdle: number;
  /** Silence of a backend that has all of the request, until its answer begins. `sluice.gateway.first_byte_timeout`. */
  readonly firstByte: number;
  /** Silence of a backend in the middle of its answer. `sluice.gateway.backend_body_idle_timeout`. */
  readonly backendBodyIdle: number;
  /** From the first byte of a head to its end. `sluice.gateway.client_head_timeout`. */
  readonly clientHead: number;
  /** An open client connection without a request. `sluice.gateway.keep_alive_timeout`. */
  readonly keepAliveIdle: number;
  /** Connecting to a backend: names, addresses and proxies all together. `http.connection.timeout`. */
  readonly connect: number;
  /** TLS handshake, with a client or a backend. `sluice.gateway.tls_handshake_timeout`. */
  readonly tlsHandshake: number;
  /** A call's wait for a backend connection when the pool is full. `sluice.gateway.pool_wait_timeout`. */
  readonly poolWait: number;
  /** From send to the first byte of the answer, where the endpoint has no duration of its own. `synapse.global_timeout_interval`. */
  readonly global: number;
  /** How long a client that expects `100 Continue` waits for the backend's word before it gets the gateway's. `sluice.gateway.continue_wait`. */
  readonly continueWait: number;
  /** How long what is left of a refused request is read and thrown away. `sluice.gateway.discard_timeout`. */
  readonly discard: number;
  /** Silence of both sides of a WebSocket. `sluice.gateway.websocket_idle_timeout`. */
  readonly webSocketIdle: number;
}

/** Deadlines of which some are given. */
export interface TimeoutOptions extends Partial<Timeouts> {
  /** Of the five silences, for those that are not given: WSO2's `http.socket.timeout`, which knows but one. */
  readonly socket?: number;
}

/** Deadlines that a route may have of its own: those towards the backend. */
export type RouteTimeouts = Partial<
  Pick<Timeouts, 'connect' | 'tlsHandshake' | 'poolWait' | 'backendWriteIdle' | 'firstByte' | 'backendBodyIdle'>
>;

export const defaultTimeouts: Timeouts = {
  clientBodyIdle: 180_000,
  clientWriteIdle: 180_000,
  backendWriteIdle: 180_000,
  firstByte: 180_000,
  backendBodyIdle: 180_000,
  clientHead: 60_000,
  keepAliveIdle: 180_000,
  connect: 90_000,
  tlsHandshake: 30_000,
  poolWait: 30_000,
  global: 120_000,
  continueWait: 1000,
  discard: 5000,
  webSocketIdle: 900_000,
};

/** Fills in what is not given. */
export function completeTimeouts({ socket, ...given }: TimeoutOptions = {}): Timeouts {
  const silences =
    socket === undefined
      ? {}
      : {
          clientBodyIdle: socket,
          clientWriteIdle: socket,
          backendWriteIdle: socket,
          firstByte: socket,
          backendBodyIdle: socket,
        };
  return { ...defaultTimeouts, ...silences, ...given };
}

/** Bounds of the connections to one backend route. */
export interface PoolOptions {
  /** Open connections to one route. `http.max.connection.per.host.port`. */
  readonly maxPerRoute: number;
  /** Calls that wait for one of them; beyond it they fail at once. `http.max.messages.per.host.port`. */
  readonly maxPending: number;
  /** Milliseconds an unused connection is kept. `transport.sender.connection.idle.time`. */
  readonly idleTime: number;
  /** Milliseconds after which a connection is not used again. `transport.sender.connection.maximum.lifespan`. */
  readonly maxLifespan: number;
  /** Taken off the backend's own `Keep-Alive: timeout`. `transport.sender.connection.grace.time`. */
  readonly graceTime: number;
  /** False closes a connection after one request. `http.connection.disable.keepalive`. */
  readonly keepAlive: boolean;
}

export const defaultPool: PoolOptions = {
  maxPerRoute: 2 ** 31 - 1,
  maxPending: 2 ** 31 - 1,
  idleTime: 170_000,
  maxLifespan: 2 ** 31 - 1,
  graceTime: 10_000,
  keepAlive: true,
};

/** Bounds of a client's HTTP/2 connection. `sluice.gateway.http2.*`. */
export interface Http2Options {
  /** Offered by ALPN; false offers HTTP/1.1 alone. */
  readonly enabled: boolean;
  /** Streams, which is calls, at once on one connection. */
  readonly maxStreams: number;
  /** Streams of one connection that may break in ten seconds; beyond it the connection ends (CVE-2023-44487). */
  readonly maxResets: number;
}

export const defaultHttp2: Http2Options = { enabled: true, maxStreams: 100, maxResets: 200 };

/** A TCP socket that another process has bound and shares: the handle as a `message` event of that process hands it over. */
export interface BoundSocket {
  readonly fd: number;
  /** Gives up this handle that nobody listens by; the others stay. */
  close(): void;
}

export interface ListenerOptions {
  /** Address to bind; `::` takes both families. */
  readonly host: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
  readonly tls?: ListenerTls;
  /** Listened on instead of binding `host` and `port`; closing the listener leaves it to the processes that share it. */
  readonly bound?: BoundSocket;
  /** Bounds the open connections of several listeners together; absent bounds nothing. */
  readonly connectionLimit?: ConnectionLimit;
  /**
   * Hands over another handle on the same socket: by it accepting goes on after a pause, or more connections come in at once. Undefined where none can be
   * had; absent where this process holds the socket alone.
   */
  readonly another?: () => Promise<BoundSocket | undefined>;
  readonly handler: CallHandler;
  readonly limits?: Partial<Limits>;
  readonly timeouts?: TimeoutOptions;
  readonly pool?: Partial<PoolOptions>;
  /** Connections to backends that several listeners share, with their own limits, timeouts and pool; who made them closes them. */
  readonly backends?: Backends;
  readonly http2?: Partial<Http2Options>;
  /** Answer clients that close their sending side before the answer. Off by default: mostly such a client has gone away. */
  readonly halfClose?: boolean;
}

/** A bound socket and the connections that came through it. */
export interface Listener {
  /** Binds; rejects with `PortInUseError` when the port is taken. Resolves with the port. */
  listen(): Promise<number>;
  readonly port: number;
  /** Open client connections. */
  readonly connections: number;
  /** New handshakes go by these options, connections that are open go on; throws, with nothing changed, when they cannot be used. */
  setTls(tls: ListenerTls): void;
  /**
   * Stops accepting, closes idle connections, lets calls in flight finish for at most `millis`; then breaks what is left and says how many that were.
   * With a `grace` (milliseconds, default 0) it first takes the connections that wait to be accepted, and lets every connection bring one last
   * request within that time.
   */
  drain(millis: number, grace?: number): Promise<{ abandoned: number }>;
  close(): Promise<void>;
}
