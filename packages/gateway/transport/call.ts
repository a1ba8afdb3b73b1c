/**
 * The seam between the transport, which knows bytes, and the chain, which knows APIs.
 * The transport makes one `Call` for each request head it has parsed and hands it to `CallHandler`;
 * the handler decides at once or later, and ends with exactly one `reply` or `send`.
 */

import type { ProxyOptions } from './dial/proxies.ts';
import type { FieldNames } from './field-names.ts';
import type { ServerHeader } from './forward.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import type { RouteTimeouts } from './options.ts';
import type { SenderTls } from './tls/sender.ts';

/** A parsed request head. Strings are latin1 slices of what arrived; nothing is decoded. */
export interface RequestHead {
  /** As sent; methods are case-sensitive (RFC 9110 section 9.1). */
  readonly method: string;
  /** Origin-form target, path and query as sent. Absolute-form is reduced to it, its authority to `host`. */
  readonly target: string;
  /** `target` without the query. */
  readonly path: string;
  /** Query with its `?`, or empty. */
  readonly query: string;
  /** 2 for HTTP/2, whose `minorVersion` is 1: it can do whatever HTTP/1.1 can. */
  readonly majorVersion: 1 | 2;
  /** HTTP/1.0 or 1.1, as minor version. */
  readonly minorVersion: 0 | 1;
  /** The client wants to speak WebSocket (RFC 6455 section 4): its key; null when it does not. */
  readonly webSocketKey: string | null;
  /** `Host` as sent, without regard to `X-Forwarded-Host`. */
  readonly host: string;
  /** Value of the named header (lower-case name), trimmed; several lines are joined by `, `. Scans; costs nothing until called. */
  header(name: string): string | undefined;
  /** Calls back for each header line in order, name as sent. */
  eachHeader(visit: (name: string, value: string) => void): void;
}

/** A parsed answer head from a backend. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly minorVersion: 0 | 1;
  header(name: string): string | undefined;
  eachHeader(visit: (name: string, value: string) => void): void;
}

/** Where to send: a pool of connections is kept per route (all members together are its key). */
export interface Route {
  readonly host: string;
  readonly port: number;
  /** TLS to the backend, or plain. */
  readonly tls: BackendTls | null;
  /** HTTP/2, by ALPN or by prior knowledge; absent is HTTP/1.1. */
  readonly protocol?: 'h2';
  /** Of this route alone: a proxy, or `direct` for none. Absent goes the way that the settings say. */
  readonly proxy?: ProxyOptions | 'direct';
  /** Deadlines that are not those of the gateway. */
  readonly timeouts?: RouteTimeouts;
}

export interface BackendTls {
  /** Name to verify and to send as SNI; normally the host. */
  readonly serverName: string;
  readonly verify: HostnameVerification;
  /** PEM certificates to trust besides those that the gateway trusts with every backend. */
  readonly trusted?: readonly string[];
  /** What the gateway shows and demands, by backend: one object for all routes. Absent: the authorities of the system, no certificate. */
  readonly sender?: SenderTls;
}

/** WSO2's values of `HostnameVerifier`. A wildcard stands for one label in `strict`, for any number of them otherwise. */
export type HostnameVerification = 'strict' | 'default' | 'default-and-localhost' | 'allow-all';

/** A request to a backend: the client's, with what the gateway must change. */
export interface BackendRequest {
  readonly route: Route;
  /** Origin-form target to send. */
  readonly target: string;
  /** Value of the `Host` header to send. */
  readonly host: string;
  /** Client headers to leave out, besides the hop-by-hop ones. */
  readonly without: FieldNames;
  /** Header lines to add, each `Name: value\r\n`, already checked; empty adds none. */
  readonly added: string;
  /** The client's wish for WebSocket goes on to the backend; false or absent makes an ordinary request of it. Only over a route of HTTP/1.1. */
  readonly upgrade?: boolean;
  /** Milliseconds from send to the first byte of the answer; 0 leaves the global deadline alone in force. */
  readonly timeout: number;
  /** The global deadline of this call, milliseconds; absent takes the gateway's. */
  readonly global?: number | undefined;
  /** Bytes of the client's body up to which it is kept, so that it can be sent again after `declines`; 0 or absent keeps none. */
  readonly keepsBody?: number;
  /**
   * Asked of an answer 401: true takes it away from the client, and `declined` follows when it is out of the way, unless the client has gone.
   * `repeatable` says whether the request could be sent again as it was.
   */
  declines?(head: ResponseHead, repeatable: boolean): boolean;
  /** The handler replies or sends again, now or later. */
  declined?(): void;
  /** Sees the head of the answer before it goes to the client; header lines it returns are added, undefined adds none. */
  onResponse?(head: ResponseHead): string | undefined;
  /** Asked once a second of a call that has become a tunnel, with the bytes that have passed it so far: false ends it. */
  tunnelAllowed?(bytesIn: number, bytesOut: number): boolean;
  /** Asked of each message when the call has become a tunnel, and of each event of an answer `text/event-stream`; null or absent leaves them unread. */
  readonly gatekeeper?: Gatekeeper | null;
  /** Reads the body of the answer as it passes; the backend is not let pack it then. */
  readonly answerReader?: AnswerReader | null;
  /** The backend failed before any byte of its answer went to the client; the handler replies or sends elsewhere (if `fault.replayable`). */
  onFault(fault: BackendFault): void;
}

/** Sees a body without keeping it from its way. The bytes are only lent. */
export interface AnswerReader {
  read(bytes: Buffer, start: number, end: number): void;
}

export type FaultKind =
  | 'connect-refused'
  | 'connect-timeout'
  | 'dns'
  /** The outgoing proxy cannot be reached, or would not let the request through. */
  | 'proxy'
  | 'tls'
  /** Every connection of the route is in use, and none became free in time or waiting is not allowed. */
  | 'pool-full'
  /** As many calls wait for a connection as may. */
  | 'queue-full'
  /** A kept connection was closed by the backend as the request went out, and the request could not be repeated. */
  | 'stale'
  | 'closed'
  | 'reset'
  | 'protocol'
  | 'timeout'
  | 'socket-timeout'
  | 'response-too-large';

/** The connection that a request was put on. Instants are milliseconds since `send`. */
export interface ConnectionUse {
  /** When it stood; below 0 for one that was kept from earlier requests. */
  readonly connected: number;
  /** When a byte last went or came. */
  readonly active: number;
}

/** Why a backend did not answer. `phase` is the ordinal of WSO2's protocol state (wso2-gateway.md 2.1: 0 ready … 5 response body). */
export interface BackendFault {
  readonly kind: FaultKind;
  readonly phase: number;
  readonly message: string;
  /** Milliseconds since `send`. */
  readonly elapsed: number;
  /** The bound that the answer exceeds, in bytes. */
  readonly limit?: number;
  /** The deadline that fired, by its name and value in milliseconds; null when none did. */
  readonly deadline: { readonly name: string; readonly value: number; readonly setting: string } | null;
  /** True when not a byte of the request was put on a backend connection, or the request can be sent again as it was. */
  readonly replayable: boolean;
  /** Null when the request came to none. */
  readonly connection?: ConnectionUse | null;
  /** The backend had given up a kept connection, and the request was sent again over a new one. */
  readonly resent?: boolean;
}

/** Where a call stood when it was broken off while a backend was asked. Members as those of `BackendFault`. */
export interface BrokenOff extends Pick<BackendFault, 'phase' | 'elapsed' | 'connection' | 'resent'> {
  /** What the backend did; null when it was not the backend. */
  readonly failure: Pick<BackendFault, 'kind' | 'message' | 'deadline'> | null;
}

/** How long a client may be silent in the middle of its request, and how long it may take nothing of its answer: milliseconds, 0 for ever. */
export interface ClientSilence {
  readonly bodyIdle: number;
  readonly writeIdle: number;
}

/** A request in progress. */
export interface Call {
  /** Unique for the life of the process and beyond: goes into logs and the `Sluice-Request-Id` header. */
  readonly id: string;
  readonly head: RequestHead;
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  /** Epoch milliseconds, and monotonic milliseconds. */
  readonly startedAt: number;
  readonly started: number;
  /** Declared length of the request body; -1 when chunked, 0 when there is none. */
  readonly contentLength: number;
  /** Answers from here. The transport adds framing, `Date` and connection headers, drains what is left of the request within a bound, or closes. `headers` are lines `Name: value\r\n`. */
  reply(status: number, headers: string, body: string | Uint8Array): void;
  /**
   * Gathers the request body before it is sent anywhere; it is sent all the same. `then` comes once, later, unless the client has gone: with the body, or with null
   * when it is larger than `most` bytes.
   */
  gather(most: number, then: (body: Buffer | null) => void): void;
  /** Streams the request to a backend and its answer back. May be called again from `onFault` while the fault is replayable. */
  send(request: BackendRequest): void;
  /** From now on the client of this call may be silent for so long, instead of what the gateway's deadlines say. */
  limitSilence(silence: ClientSilence): void;
  /** Ends the client's connection without an answer. */
  abort(): void;
  /** Anything the chain wants to keep with the call; the transport never looks. */
  context: unknown;
}

/** What became of a call, for the access log and the metrics. Made once, after the last byte or the break. */
export interface CallOutcome {
  /** Status that went to the client; 0 when the connection broke before one was sent. */
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds from head to the last byte. */
  readonly duration: number;
  /** Milliseconds from send to the first byte of the backend's answer; -1 when none was sent. */
  readonly backendTime: number;
  /** Where the request went last; null when it went nowhere. */
  readonly backend: Route | null;
  /**
   * How it ended. `client-closed` and `backend-closed` are breaks in the middle of the answer. Tunnels alone: `idle` after too long a
   * silence, `refused` when the right to it was over.
   */
  readonly end: 'complete' | 'client-closed' | 'client-timeout' | 'backend-closed' | 'aborted' | 'idle' | 'refused';
  /** Where it stood when a client or a backend broke it off while the backend was asked; null otherwise. */
  readonly broken: BrokenOff | null;
}

/** Who is refused: what is known of a call, which may be no more than its client. */
export type RefusedFrom = Pick<Call, 'remoteAddress'> & Partial<Pick<Call, 'id' | 'head' | 'context'>>;

export interface CallHandler {
  /** What answers say about the server; absent passes on what the backend says. */
  readonly server?: ServerHeader;
  /** `call` threw: a defect. The call was ended without an answer. */
  crashed?(call: Call, error: unknown): void;
  /** Called once for each request; must not throw. */
  call(call: Call): void;
  /** The call has become a tunnel: its backend speaks WebSocket with the client. */
  switched?(call: Call): void;
  /** Called once when a call is over. */
  ended(call: Call, outcome: CallOutcome): void;
  /**
   * Body and headers of the answer to a request that the transport itself refuses (`status` 400, 408, 413, 414, 431, 501 …), and its status
   * where that is another one. `from` is the call that the request had become, or the connection that it came on.
   */
  refusal(
    status: number,
    cause: string,
    detail: string,
    from: RefusedFrom,
  ): { headers: string; body: string; status?: number };
}
