import type { CallOutcome, ClientSilence, FaultKind, Route } from './call.ts';
import type { ServerHeader } from './forward.ts';
import type { Refusal } from './refusal.ts';
import type { ParsedRequest } from './request-head.ts';
import type { ParsedResponse } from './response-head.ts';
import type { TunnelSide, TunnelSocket } from './tunnel.ts';

/*
 * An exchange stands between two sides and knows the protocol version of neither: the client that asks, and the backend that
 * answers. HTTP/1.1 and HTTP/2 each implement both. Header lines are whole `Name: value\r\n`, latin1. Bytes are lent for the
 * duration of a call: what must outlive it is copied, or written to a socket, which sees to it.
 */

/** Where a request came from and its answer goes. */
export interface ClientSide {
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  /** What answers say about the server. */
  readonly server: ServerHeader;
  /** The request is being handed over: `requestFlush` follows when all that has come is. */
  readonly delivering: boolean;
  /** Another silence is allowed than before. */
  silenceChanged(): void;
  /** No more of the request body for now. */
  pause(): void;
  resume(): void;
  /** A 1xx answer. */
  interim(status: number, reason: string, lines: string): void;
  /**
   * Begins the answer. `lines` hold its length where that is known; `framed` says that they do, or that no body follows
   * (`bodiless`: HEAD, 204, 304).
   */
  answerHead(status: number, reason: string, lines: string, framed: boolean, bodiless: boolean): void;
  answerData(bytes: Buffer, start: number, end: number): void;
  /** `trailers` are whole lines, empty when there are none. */
  answerEnd(trailers: string): void;
  /** Sends what was gathered since the last flush; false when the client takes no more for now, until `clientDrained`. */
  flush(): boolean;
  /**
   * The answer that follows does not wait for the rest of the request, which is thrown away where it is known to be small; otherwise
   * the connection ends with the answer. `awaitsContinue`: the client may send the rest or not (RFC 9110 section 10.1.1).
   */
  answersUnread(awaitsContinue: boolean): void;
  /** Ends the client's connection (or stream) so that a cut answer cannot be taken for a whole one. */
  breakOff(): void;
  /**
   * Answers 101 and gives the connection away: from now on it belongs to the caller, save for `exchangeEnded` at its end. Absent where
   * the protocol has no such thing, so that no request asks for it.
   */
  switchProtocols?(reason: string, lines: string): TunnelSide;
  /** The exchange is over: called once, after everything else. */
  exchangeEnded(outcome: CallOutcome): void;
}

/** What the side that reads a request calls on the exchange. */
export interface RequestTaker {
  readonly head: ParsedRequest;
  /** What its client may do less than the gateway's deadlines say; null where these are in force. */
  readonly silence: ClientSilence | null;
  /** Nothing of an answer has gone to the client yet. */
  readonly unanswered: boolean;
  /** All of the answer has. What still comes of the request is thrown away by the side, not handed over. */
  readonly answered: boolean;
  /** A piece of the request body, without framing. Returns what is wrong with it, null when nothing is. */
  requestData(bytes: Buffer): Refusal | null;
  requestEnd(trailers: string): void;
  requestFlush(): void;
  /** The client takes more of the answer. */
  clientDrained(): void;
  /** The client is gone, or will not be listened to any more. */
  clientGone(end: 'client-closed' | 'client-timeout'): void;
}

/** Where a request goes; lent by the pool to one exchange at a time. */
export interface BackendSide {
  readonly route: Route;
  /** Requests that were sent on the connection, this one included. */
  readonly uses: number;
  /** When it stood, and when a byte of this request or its answer last went or came: monotonic milliseconds. */
  readonly createdAt: number;
  readonly activeAt: number;
  /** Gives the connection to `user` for one request. */
  attach(user: BackendUser): void;
  /** Begins the request. `lines` hold its length where that is known; `framed` says that they do, or that there is no body. */
  requestHead(method: string, target: string, host: string, lines: string, framed: boolean): void;
  /** False when the backend takes no more for now, until `backendDrained`. */
  requestData(bytes: Buffer): boolean;
  requestEnd(trailers: string): void;
  /** Sends what was gathered since the last flush. */
  requestFlush(): void;
  /** Reads on after `BackendUser.flush` returned false. */
  resume(): void;
  /** Hands the connection back after request and answer are over. */
  release(): void;
  /** Gives the request up; the connection (or stream) ends. */
  destroy(): void;
}

/** Who a backend works for: gets the answer as it arrives, or the break. */
export interface BackendUser {
  /** HEAD: the answer has no body whatever its head says. */
  readonly toHead: boolean;
  /** All of the request has been handed over: until then it is the client that keeps the backend waiting. */
  readonly bodyComplete: boolean;
  /** Monotonic milliseconds at which the answer's first byte is due at the latest. */
  readonly answerDue: number;
  /** The client has said that it reads trailers (`TE: trailers`). */
  readonly takesTrailers: boolean;
  /** 1xx other than 101. */
  interim(head: ParsedResponse): void;
  answerHead(head: ParsedResponse): void;
  /**
   * 101: takes `socket` over with what came after the head, or says why it does not. One that takes it calls `destroy` at its end.
   */
  switched(head: ParsedResponse, socket: TunnelSocket, late: Buffer): string | null;
  answerData(bytes: Buffer, start: number, end: number): void;
  answerEnd(trailers: string): void;
  /** Called at the end of every read that brought something. False: the client takes no more for now. */
  flush(): boolean;
  backendDrained(): void;
  /** The connection is gone or unusable. */
  backendFailed(failure: BackendFailure): void;
}

export interface BackendFailure {
  readonly kind: FaultKind;
  readonly message: string;
  /** The head of a final answer had arrived. */
  readonly answering: boolean;
  /** Something of an answer had arrived, if only an interim one: the request was read. */
  readonly heard?: boolean;
  /** The bound that the answer exceeds, in bytes. */
  readonly limit?: number;
  /** The backend has said that it did nothing of the request, whatever came of it: it may be repeated elsewhere (RFC 9113 section 8.7). */
  readonly unprocessed?: boolean;
  readonly deadline: { readonly name: string; readonly value: number; readonly setting: string } | null;
}
