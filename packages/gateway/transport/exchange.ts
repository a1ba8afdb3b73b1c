import { randomUUID } from 'node:crypto';
import type { BackendConnection, BackendFailure, BackendUser } from './backend-connection.ts';
import type { Backends, Borrower } from './backend-pool.ts';
import type { BackendRequest, Call, CallOutcome } from './call.ts';
import { ChunkDecoder } from './chunks.ts';
import type { ClientConnection } from './client-connection.ts';
import { Kind } from './fields.ts';
import { bodilessDrops, keptFields, requestDrops, responseDrops } from './forward.ts';
import { dateLine } from './http-date.ts';
import { reasonOf } from './reason.ts';
import { badRequest, bodyTooLarge, type Refusal } from './refusal.ts';
import { chunked, type ParsedRequest } from './request-head.ts';
import type { ParsedResponse } from './response-head.ts';

/** Up to this many bytes, head and body of a message are joined into one string and one write. */
const joinBytes = 16 * 1024;
/** Bytes of a body that are kept while nobody takes them; the client is not read any further then. */
const holdBytes = 64 * 1024;

/** Methods that mean the same sent twice (RFC 9110 section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/** Ordinals of WSO2's protocol states that a fault reports as its phase. */
const Phase = { ready: 0, requestHead: 1, requestBody: 2, requestDone: 3, responseHead: 4, responseBody: 5 } as const;

type ReplyState = 'none' | 'started' | 'done';

/** One request and its answer: the transport's side of a `Call`. */
export class Exchange implements Call, BackendUser, Borrower {
  readonly id = randomUUID();
  readonly head: ParsedRequest;
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly startedAt = Date.now();
  readonly started = performance.now();
  context: unknown = null;
  /** All of the request body has arrived. */
  bodyComplete: boolean;
  answerDue = Number.POSITIVE_INFINITY;
  readonly #client: ClientConnection;
  readonly #backends: Backends;
  readonly #decoder: ChunkDecoder | null;
  #remaining: number;
  /** Body bytes that no backend has taken yet. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #trailers = '';
  #request: BackendRequest | null = null;
  #connection: BackendConnection | null = null;
  #sentAt = 0;
  /** Body bytes were put on a backend connection, so that they cannot be sent again. */
  #bodySpent = false;
  #retried = false;
  #continued = false;
  #reply: ReplyState = 'none';
  #status = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #backendTime = -1;
  #backend: string | null = null;
  #over = false;
  /** Answer bytes of the current read, to go out in one write. */
  #out = '';
  #outBlocked = false;
  #chunkAnswer = false;
  #discarding = false;
  #discarded = 0;

  constructor(head: ParsedRequest, client: ClientConnection, backends: Backends) {
    this.head = head;
    this.#client = client;
    this.#backends = backends;
    this.secure = client.secure;
    this.remoteAddress = client.remoteAddress;
    this.remotePort = client.remotePort;
    this.localPort = client.localPort;
    this.#remaining = head.bodyLength;
    this.bodyComplete = head.bodyLength === 0;
    this.#decoder = head.bodyLength === chunked ? new ChunkDecoder(backends.limits.chunkExtensionBytes) : null;
  }

  get contentLength(): number {
    return this.head.bodyLength;
  }

  get toHead(): boolean {
    return this.head.method === 'HEAD';
  }

  /** Nothing of an answer has gone to the client yet. */
  get unanswered(): boolean {
    return this.#reply === 'none';
  }

  get answered(): boolean {
    return this.#reply === 'done';
  }

  // The request body

  /** Takes body bytes from `from` on; returns the index of the first byte that is not of this request, or what was wrong. */
  receive(bytes: Buffer, from: number): number | Refusal {
    if (this.#decoder === null) {
      const end = Math.min(bytes.length, from + this.#remaining);
      this.#remaining -= end - from;
      if (end > from) this.#takeBody(bytes, from, end);
      if (this.#remaining === 0) this.#endBody();
      return end;
    }
    let at = from;
    for (;;) {
      const step = this.#decoder.step(bytes, at);
      at = this.#decoder.at;
      if (step === 'more') return at;
      if (step === 'bad') return badRequest(this.#decoder.error);
      if (step === 'end') {
        this.#trailers = this.#decoder.trailers;
        this.#endBody();
        return at;
      }
      const limit = this.#backends.limits.bodyBytes;
      if (limit > 0 && this.#bytesIn + this.#decoder.dataEnd - this.#decoder.dataStart > limit)
        return bodyTooLarge(limit);
      this.#takeBody(bytes, this.#decoder.dataStart, this.#decoder.dataEnd);
    }
  }

  #takeBody(bytes: Buffer, start: number, end: number): void {
    this.#bytesIn += end - start;
    if (this.#discarding) {
      this.#discarded += end - start;
      return;
    }
    const piece = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    if (this.#connection === null) {
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      if (this.#heldBytes > holdBytes) this.#client.pause();
      return;
    }
    this.#bodySpent = true;
    if (!this.#writeBody(this.#connection, piece)) this.#client.pause();
  }

  #endBody(): void {
    this.bodyComplete = true;
    if (this.#connection === null || this.#discarding) return;
    let more = true;
    if (this.#decoder !== null) more = this.#connection.socket.write(`0\r\n${this.#trailers}\r\n`, 'latin1');
    this.#connection.wrote(!more);
  }

  /** False when the backend cannot take more for now. */
  #writeBody(connection: BackendConnection, piece: Buffer): boolean {
    const { socket } = connection;
    let more: boolean;
    if (this.#decoder === null) {
      more = socket.write(piece);
    } else {
      socket.cork();
      socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
      socket.write(piece);
      more = socket.write('\r\n', 'latin1');
      socket.uncork();
    }
    connection.wrote(!more);
    return more;
  }

  // Sending to a backend

  send(request: BackendRequest): void {
    if (this.#over || this.#reply !== 'none') return;
    this.#request = request;
    this.#sentAt = performance.now();
    const limit = request.timeout > 0 ? request.timeout : this.#backends.timeouts.global;
    this.answerDue = limit > 0 ? this.#sentAt + limit : Number.POSITIVE_INFINITY;
    this.#backends.borrow(request.route, this, false);
  }

  borrowed(connection: BackendConnection): void {
    const request = this.#request as BackendRequest;
    this.#connection = connection;
    connection.attach(this);
    this.#backend = `${request.route.host}:${request.route.port}`;
    this.#writeRequest(connection, this.#requestHead(request));
    if (this.head.expectsContinue && !this.#continued && !this.bodyComplete) this.#client.continueLater(this);
    if (!this.bodyComplete) this.#client.resume();
  }

  #requestHead(request: BackendRequest): string {
    const { head } = this;
    const kept = keptFields(head.fields, requestDrops, request.without, head.connectionOptions);
    const coding = this.#decoder === null ? '' : 'Transfer-Encoding: chunked\r\n';
    return `${head.method} ${request.target} HTTP/1.1\r\nHost: ${request.host}\r\n${kept}${request.added}${coding}\r\n`;
  }

  /** Head and what is held of the body, in one write when they are small. */
  #writeRequest(connection: BackendConnection, head: string): void {
    const { socket } = connection;
    if (this.#heldBytes === 0) {
      socket.write(this.bodyComplete && this.#decoder !== null ? `${head}0\r\n${this.#trailers}\r\n` : head, 'latin1');
      return;
    }
    this.#bodySpent = true;
    if (this.#heldBytes <= joinBytes && this.#decoder === null) {
      socket.write(head + Buffer.concat(this.#held).toString('latin1'), 'latin1');
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      for (const piece of this.#held) this.#writeBody(connection, piece);
      if (this.bodyComplete && this.#decoder !== null) socket.write(`0\r\n${this.#trailers}\r\n`, 'latin1');
      socket.uncork();
    }
    this.#held = [];
    this.#heldBytes = 0;
  }

  backendDrained(): void {
    if (!this.bodyComplete) this.#client.resume();
  }

  borrowFailed(failure: BackendFailure): void {
    this.backendFailed(failure);
  }

  backendFailed(failure: BackendFailure): void {
    const used = this.#connection;
    this.#connection = null;
    if (this.#over) return;
    if (this.#reply !== 'none' || failure.answering) {
      this.#breakAnswer();
      return;
    }
    const broken = failure.kind === 'closed' || failure.kind === 'reset';
    const resendable = this.head.bodyLength === 0 && idempotent.has(this.head.method);
    if (broken && used !== null && used.uses > 1 && resendable && !this.#retried) {
      // The backend had given up the kept connection before this request came (RFC 9112 section 9.3.1).
      this.#retried = true;
      this.#backends.borrow((this.#request as BackendRequest).route, this, true);
      return;
    }
    this.#reportFault(failure, used, resendable);
  }

  #reportFault(failure: BackendFailure, used: BackendConnection | null, resendable: boolean): void {
    const request = this.#request as BackendRequest;
    const elapsed = performance.now() - this.#sentAt;
    const limit = request.timeout > 0 ? request.timeout : this.#backends.timeouts.global;
    const ownLimit = {
      name: request.timeout > 0 ? 'endpoint' : 'global',
      value: limit,
      setting: request.timeout > 0 ? 'endpoint duration' : 'synapse.global_timeout_interval',
    };
    const phase = used === null ? Phase.ready : this.bodyComplete ? Phase.requestDone : Phase.requestBody;
    request.onFault({
      kind: failure.kind,
      phase,
      message: failure.message,
      elapsed,
      deadline: failure.kind === 'timeout' ? ownLimit : failure.deadline,
      replayable: used === null ? !this.#bodySpent : resendable,
    });
  }

  // The answer of a backend

  interim(head: ParsedResponse): void {
    if (this.head.minorVersion === 0) return;
    if (head.status === 100) {
      this.#client.stopContinue();
      if (this.#continued) return;
      this.#continued = true;
    }
    const kept = keptFields(head.fields, bodilessDrops, null, head.connectionOptions);
    if (!this.#client.write(`HTTP/1.1 ${head.status} ${head.reason}\r\n${kept}\r\n`)) this.#outBlocked = true;
  }

  answerHead(head: ParsedResponse): void {
    this.#client.stopContinue();
    this.#backendTime = performance.now() - this.#sentAt;
    this.#reply = 'started';
    this.#status = head.status;
    const bodiless = head.status === 204 || head.status === 304 || this.toHead;
    const drops = head.status === 204 ? bodilessDrops : responseDrops;
    const framed = bodiless || head.framing === 'length';
    this.#chunkAnswer = !framed && this.head.minorVersion === 1;
    if (!framed && !this.#chunkAnswer) this.#client.closeAfterAnswer();
    const kept = keptFields(head.fields, drops, null, head.connectionOptions);
    const added = this.#request?.onResponse?.(head) ?? '';
    const date = head.fields.hasKind(Kind.date) ? '' : dateLine();
    const coding = this.#chunkAnswer ? 'Transfer-Encoding: chunked\r\n' : '';
    this.#out += `HTTP/1.1 ${head.status} ${head.reason}\r\n${kept}${added}${date}${coding}${this.#client.connectionLine()}\r\n`;
  }

  answerData(bytes: Buffer, start: number, end: number): void {
    const length = end - start;
    this.#bytesOut += length;
    if (this.#out.length + length <= joinBytes) {
      const text = bytes.toString('latin1', start, end);
      this.#out += this.#chunkAnswer ? `${length.toString(16)}\r\n${text}\r\n` : text;
      return;
    }
    // The bytes are only lent: what goes on living in a queue of writes is a copy.
    const copy = Buffer.from(bytes.subarray(start, end));
    this.#client.cork();
    const opening = this.#chunkAnswer ? `${this.#out}${length.toString(16)}\r\n` : this.#out;
    if (opening !== '') this.#client.write(opening);
    if (!this.#client.write(copy)) this.#outBlocked = true;
    this.#out = this.#chunkAnswer ? '\r\n' : '';
    this.#client.uncork();
  }

  answerEnd(trailers: string): void {
    if (this.#chunkAnswer) this.#out += `0\r\n${trailers}\r\n`;
    this.flush();
    const connection = this.#connection;
    this.#connection = null;
    this.#reply = 'done';
    // A backend that answers before it has all of the request may not be asked again.
    if (this.bodyComplete) connection?.release();
    else connection?.destroy();
    this.#finish('complete');
  }

  flush(): boolean {
    if (this.#out !== '') {
      const text = this.#out;
      this.#out = '';
      if (!this.#client.write(text)) this.#outBlocked = true;
    }
    const blocked = this.#outBlocked;
    this.#outBlocked = false;
    return !blocked;
  }

  /** The client takes more. */
  clientDrained(): void {
    this.#connection?.resume();
  }

  /** The answer cannot be completed: the client must see that, so its connection breaks. */
  #breakAnswer(): void {
    this.flush();
    this.#finish('backend-closed');
    this.#client.breakOff();
  }

  // Answers of the gateway

  reply(status: number, headers: string, body: string | Uint8Array): void {
    if (this.#over || this.#reply !== 'none') return;
    this.#withdraw();
    this.#reply = 'done';
    this.#status = status;
    const bytes =
      typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body.buffer, body.byteOffset, body.length);
    if (!this.bodyComplete && !this.#willDiscard()) this.#client.closeAfterAnswer();
    const length = status === 204 || status === 304 ? '' : `Content-Length: ${bytes.length}\r\n`;
    const head = `HTTP/1.1 ${status} ${reasonOf(status)}\r\n${headers}${dateLine()}${length}${this.#client.connectionLine()}\r\n`;
    const bodiless = this.toHead || length === '';
    this.#bytesOut = bodiless ? 0 : bytes.length;
    if (bodiless) this.#client.write(head);
    else if (bytes.length <= joinBytes) this.#client.write(head + bytes.toString('latin1'));
    else {
      this.#client.cork();
      this.#client.write(head);
      this.#client.write(bytes);
      this.#client.uncork();
    }
    this.#finish('complete');
  }

  /** Whether the rest of the request is known to be small enough to be read and thrown away. */
  #willDiscard(): boolean {
    const waiting = this.head.expectsContinue && !this.#continued;
    return !waiting && this.#decoder === null && this.#remaining <= this.#backends.limits.discardBytes;
  }

  abort(): void {
    if (this.#over) return;
    this.#withdraw();
    this.#finish('aborted');
    this.#client.breakOff();
  }

  /** Tells the client to go on with its body; the backend has not said it in time. */
  sayContinue(): void {
    if (this.#continued || this.#reply !== 'none' || this.bodyComplete) return;
    this.#continued = true;
    this.#client.write('HTTP/1.1 100 Continue\r\n\r\n');
  }

  /** The client is gone, or will not be listened to any more. */
  clientGone(end: 'client-closed' | 'client-timeout'): void {
    if (this.#over) return;
    this.#withdraw();
    this.#finish(end);
  }

  /** More of the body was thrown away than the bound allows. */
  get discardedTooMuch(): boolean {
    return this.#discarded > this.#backends.limits.discardBytes;
  }

  #withdraw(): void {
    this.#connection?.destroy();
    this.#connection = null;
    if (this.#request) this.#backends.withdraw(this.#request.route, this);
  }

  #finish(end: CallOutcome['end']): void {
    if (this.#over) return;
    this.#over = true;
    this.#held = [];
    this.#discarding = !this.bodyComplete;
    this.#client.stopContinue();
    this.#client.ended(this, {
      status: this.#status,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      duration: performance.now() - this.started,
      backendTime: this.#backendTime,
      backend: this.#backend,
      end,
    });
  }
}
