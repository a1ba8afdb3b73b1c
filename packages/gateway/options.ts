import type { Writable } from 'node:stream';
import type { CorsConfiguration, FeedSource, Log } from '@sluice/model';
import type { Authority, Clock } from '@sluice/throttle';
import type { AdmissionOptions } from './admission/options.ts';
import type { BackendSecurityOptions } from './backend-security/options.ts';
import type { HeaderRules } from './chain/request-headers.ts';
import type { DocumentOptions } from './documents/options.ts';
import type { GroupOptions } from './endpoints/group-settings.ts';
import type { LeafExchange } from './endpoints/leaf-news.ts';
import type { SessionExchange } from './endpoints/session/session-tables.ts';
import type { SuspensionOptions } from './endpoints/suspension.ts';
import type { StoryOptions } from './story/options.ts';
import type { ThrottlingOptions } from './throttling/options.ts';
import type { HostnameVerification } from './transport/call.ts';
import type { DialOptions } from './transport/dial/dial.ts';
import type { BoundSocket, Http2Options, Limits, PoolOptions, TimeoutOptions } from './transport/options.ts';
import type { SenderOptions } from './transport/tls/sender.ts';
import type { ListenerTls } from './transport/tls/server.ts';

/** An address to serve on. */
export interface GatewayListener {
  /** Address to bind; `::` takes both families. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Absent serves plain HTTP. */
  readonly tls?: ListenerTls;
  /** Bound to that address already, and shared with other processes. */
  readonly bound?: BoundSocket;
}

export interface GatewayOptions {
  readonly listeners: readonly GatewayListener[];
  /** Name of the gateway environment it serves. */
  readonly environment: string;
  /** Which keys that environment serves; default `hybrid`. */
  readonly environmentType?: 'hybrid' | 'production' | 'sandbox';
  readonly source: FeedSource;
  /** File that keeps the last snapshot; absent keeps none, and a start without the source serves nothing. */
  readonly snapshotFile?: string;
  /** Absent writes no access log. */
  readonly accessLog?: {
    /** File to append to, or a stream, which is left open. */
    readonly to: string | Writable;
    /** Default is WSO2's. */
    readonly pattern?: string;
  };
  /** Verified tokens that are remembered; 0 verifies every call anew. Default 10,000. */
  readonly tokenCacheSize?: number;
  /** Milliseconds by which the clocks of issuer and gateway may differ at `exp` and `nbf`. Default 0. */
  readonly tokenSkew?: number;
  /** Bounds of messages, deadlines and backend connections; what is left out has the transport's default. */
  readonly limits?: Partial<Limits>;
  readonly timeouts?: TimeoutOptions;
  readonly pool?: Partial<PoolOptions>;
  /** How backends are found and reached: names, outgoing proxies. */
  readonly dial?: DialOptions;
  /** True answers clients that close their sending side before the answer; default false: mostly such a client has gone away. */
  readonly halfClose?: boolean;
  /** HTTP/2 of clients, on listeners with TLS. */
  readonly http2?: Partial<Http2Options>;
  /** `sluice` (default) answers backend faults with 502, 503 and 504; `wso2` with 500. */
  readonly faultStatus?: 'sluice' | 'wso2';
  /** For APIs without CORS rules of their own; null switches CORS off for them. Default as WSO2's. */
  readonly cors?: CorsConfiguration | null;
  /** Response headers that scripts may read; default none. */
  readonly corsExposeHeaders?: readonly string[];
  /** True sends consumed credentials on to the backend; default false. */
  readonly keepAuthorization?: boolean;
  /** True refuses WebSockets that pages of other origins than the CORS rules allow ask for. Default false. */
  readonly webSocketOrigins?: boolean;
  /** Headers of requests that the gateway writes; what is left out has `defaultHeaderRules`. */
  readonly headers?: Partial<HeaderRules>;
  /** The `Server` header of answers: its value, empty for none, and whether the backend's own goes before it. Default `Sluice`, false. */
  readonly serverHeader?: { readonly name: string; readonly passesOn: boolean };
  /** Media types with which a 500 of a backend is worth a warning in the log, `none` for answers without one. Default none at all. */
  readonly warnOn500?: readonly string[];
  /** How the gateway proves itself to backends. */
  readonly backendSecurity?: BackendSecurityOptions;
  /** How the names in certificates of backends are compared; default `default-and-localhost`. */
  readonly hostnameVerification?: HostnameVerification;
  /** What is shown to backends and demanded of them; default: no certificate is shown, and the authorities of the system are believed. */
  readonly sender?: SenderOptions;
  /**
   * False lets any valid token of a known issuer call any API, subject to its scopes: for a gateway over a folder of projects,
   * where there is nobody to subscribe with. Default true.
   */
  readonly subscriptionCheck?: boolean;
  /** Answers for definitions at base paths, and the list of services; absent leaves all paths to the APIs. */
  readonly documents?: DocumentOptions;
  /** Client connections that are open at once in this process; with so many no further ones are accepted. Absent bounds nothing. */
  readonly maxConnections?: number;
  /**
   * Another handle on the bound socket of a listener, by its place in `listeners`. With it, connections beyond the most wait in the socket's queue
   * for whichever process has room; without it they are taken and wait unread.
   * Where nothing bounds connections, several are accepted in a turn with it.
   */
  readonly anotherSocket?: (listener: number) => Promise<BoundSocket | undefined>;
  /** Told when accepting stops and when it goes on. */
  readonly onPause?: (paused: boolean) => void;
  /** Bounds the calls in flight of this process; absent bounds nothing. */
  readonly admission?: AdmissionOptions;
  /** When endpoints rest that say nothing about it, and all of them where it overrides; what is left out is as in Synapse. */
  readonly suspension?: SuspensionOptions;
  /** Hosts, with port or without, that calls may choose where an endpoint lets them. `sluice.gateway.dynamic_hosts`. Default none. */
  readonly dynamicHosts?: readonly string[];
  /** Bytes of a body that are kept for the recipients of a list. `sluice.gateway.max_recipient_body`. Default 1 MiB. */
  readonly maxRecipientBody?: number;
  /** Keeps the states of endpoints and those of other processes alike; absent where this process is alone. */
  readonly leafExchange?: LeafExchange;
  /** How plans, deny policies and limits of backends are applied. */
  readonly throttling?: ThrottlingOptions;
  /** How groups of endpoints treat calls; what is left out has its default. */
  readonly groups?: GroupOptions;
  /** Tells the other gateways of the machine of sessions with members of groups. Absent: nobody. */
  readonly sessionExchange?: SessionExchange;
  /** Which stories of calls are kept; what is left out has its default. */
  readonly stories?: StoryOptions;
  /** Grants units of what plans allow. Absent: an authority of this process alone, so that limits hold for it and nobody else. */
  readonly authority?: Authority;
  /** Clock of the windows of limits; default that of the system. */
  readonly clock?: Clock;
  /** True listens only when the first picture is there: for a gateway that takes over from another one, which answers until then. Default false. */
  readonly listenWhenReady?: boolean;
  /** Told of every picture that is swapped in, with its sequence number. */
  readonly onSwap?: (sequence: number) => void;
  readonly log: Log;
}
