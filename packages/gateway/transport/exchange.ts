import { monotonic } from '../deadlines/clock.ts';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { Backends, Borrower } from './backend-pool.ts';
import type { BackendRequest, BrokenOff, Call, CallOutcome, ClientSilence, Route } from './call.ts';
import { nextCallId } from './call-id.ts';
import { EventGate, type EventOwner } from './event-gate.ts';
import { FieldNames } from './field-names.ts';
import { Kind } from './fields.ts';
import { keptFields, requestDrops, unnamedServer } from './forward.ts';
import { dateLine } from './http-date.ts';
import { isIdempotent } from './idempotent.ts';
import { KeptBody } from './kept-body.ts';
import { reasonOf } from './reason.ts';
import { bodyTooLarge, type Refusal } from './refusal.ts';
import { chunked, type ParsedRequest } from './request-head.ts';
import type { ParsedResponse } from './response-head.ts';
import type { BackendFailure, BackendSide, BackendUser, ClientSide, RequestTaker } from './sides.ts';
import { Tunnel, type TunnelEnd, type TunnelSocket } from './tunnel.ts';
import { handshakeFault, switchLines } from './websocket.ts';

/** Bytes of a body that are kept while no backend takes them; the client is not read any further then. */
const holdBytes = 64 * 1024;

/** Fields that allow a backend to pack what it sends, so that nobody on the way can tell its messages or events apart, or leave one out. */
const packings = ['accept-encoding', 'sec-websocket-extensions'];

/** Ordinals of WSO2's protocol states that a fault reports as its phase. */
const Phase = { ready: 0, requestBody: 2, requestDone: 3, answerBody: 5 } as const;

type ReplyState = 'none' | 'started' | 'done';

/** One request and its answer: the transport's side of a `Call`, between a client and, where one is asked, a backend. */
export class Exchange implements Call, BackendUser, RequestTaker, Borrower, EventOwner {
  readonly id = nextCallId();
  readonly head: ParsedRequest;
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly startedAt = Date.now();
  readonly started = monotonic();
  context: unknown = null;
  silence: ClientSilence | null = null;
  /** All of the request body has come. */
  bodyComplete: boolean;
  answerDue = Number.POSITIVE_INFINITY;
  readonly #client: ClientSide;
  readonly #backends: Backends;
  /** Body bytes that no backend has taken yet. */
  #held: Buffer[] | null = null;
  #heldBytes = 0;
  /** Waits for the whole body, of at most so many bytes. */
  #gathering: { readonly most: number; readonly then: (body: Buffer | null) => void } | null = null;
  #trailers = '';
  /** The body from its first byte on, where a backend may ask for it twice. */
  #kept: KeptBody | null = null;
  /** An answer is being thrown away: the handler will send the request again, or reply itself. */
  #declining = false;
  #request: BackendRequest | null = null;
  #connection: BackendSide | null = null;
  #sentAt = 0;
  /** Body bytes were put on a backend connection, so that they cannot be sent again. */
  #bodySpent = false;
  #retried = false;
  #continued = false;
  #continueDeadline: Deadline | null = null;
  #reply: ReplyState = 'none';
  #status = 0;
  #bytesIn = 0;
  #bytesOut = 0;
  #backendTime = -1;
  /** Where the request went. */
  #backend: Route | null = null;
  #tunnel: Tunnel | null = null;
  /** Where the events of the answer are decided about; null where nobody asks. */
  #gate: EventGate | null = null;
  /** What ends an answer that has come to its end while some of it is held back. */
  #heldEnd: string | null = null;
  /** The client can see where the answer ends only by its length. */
  #measured = false;
  #over = false;

  constructor(head: ParsedRequest, client: ClientSide, backends: Backends) {
    this.head = head;
    this.#client = client;
    this.#backends = backends;
    this.secure = client.secure;
    this.remoteAddress = client.remoteAddress;
    this.remotePort = client.remotePort;
    this.localPort = client.localPort;
    this.bodyComplete = head.bodyLength === 0;
  }

  get contentLength(): number {
    return this.head.bodyLength;
  }

  get toHead(): boolean {
    return this.head.method === 'HEAD';
  }

  get takesTrailers(): boolean {
    return this.head.header('te')?.toLowerCase().includes('trailers') ?? false;
  }

  get unanswered(): boolean {
    return this.#reply === 'none';
  }

  get answered(): boolean {
    return this.#reply === 'done';
  }

  get awaitsContinue(): boolean {
    return this.head.expectsContinue && !this.#continued;
  }

  // The request, as it comes

  requestData(bytes: Buffer): Refusal | null {
    this.#bytesIn += bytes.length;
    const limit = this.#backends.limits.bodyBytes;
    if (limit > 0 && this.#bytesIn > limit) return bodyTooLarge(limit);
    if (this.#kept !== null) this.#kept.add(bytes);
    if (this.#connection === null) this.#hold(bytes);
    else {
      this.#bodySpent = true;
      if (!this.#connection.requestData(bytes)) this.#client.pause();
    }
    return null;
  }

  requestEnd(trailers: string): void {
    this.bodyComplete = true;
    this.#trailers = trailers;
    if (this.#gathering !== null) this.#gathered(Buffer.concat(this.#held ?? []));
    if (!this.answered) this.#connection?.requestEnd(trailers);
  }

  requestFlush(): void {
    this.#connection?.requestFlush();
  }

  #hold(bytes: Buffer): void {
    // The bytes are only lent.
    this.#held ??= [];
    this.#held.push(Buffer.from(bytes));
    this.#heldBytes += bytes.length;
    const most = this.#gathering?.most ?? holdBytes;
    if (this.#heldBytes <= most) return;
    this.#client.pause();
    if (this.#gathering !== null) this.#gathered(null);
  }

  gather(most: number, then: (body: Buffer | null) => void): void {
    this.#gathering = { most, then };
    if (this.head.bodyLength > most || this.#heldBytes > most) this.#gathered(null);
    else if (this.bodyComplete) this.#gathered(Buffer.concat(this.#held ?? []));
    else {
      if (this.awaitsContinue) this.#sayContinue();
      this.#client.resume();
    }
  }

  /** What waits for the body may send or answer, which the reading of a request does not expect in its middle. */
  #gathered(body: Buffer | null): void {
    const gathering = this.#gathering;
    this.#gathering = null;
    queueMicrotask(() => {
      if (!this.#over) gathering?.then(body);
    });
  }

  limitSilence(silence: ClientSilence): void {
    this.silence = silence;
    this.#client.silenceChanged();
  }

  // Sending it to a backend

  send(request: BackendRequest): void {
    if (this.#over || this.#reply !== 'none') return;
    this.#request = request;
    // Another backend may have given up its kept connection too.
    this.#retried = false;
    if (request.keepsBody) this.#keepBody(request.keepsBody);
    this.#sentAt = monotonic();
    const limit = request.timeout > 0 ? request.timeout : this.#globalOf(request);
    this.answerDue = limit > 0 ? this.#sentAt + limit : Number.POSITIVE_INFINITY;
    this.#backends.borrow(request.route, this, false);
  }

  #globalOf({ global }: BackendRequest): number {
    return global ?? this.#backends.timeouts.global;
  }

  borrowed(connection: BackendSide): void {
    const request = this.#request as BackendRequest;
    const { head } = this;
    this.#connection = connection;
    this.#backend = request.route;
    connection.attach(this);
    const without = request.gatekeeper || request.answerReader ? request.without.with(packings) : request.without;
    const kept = keptFields(head.fields, requestDrops, without, head.connectionOptions);
    connection.requestHead(
      head.method,
      request.target,
      request.host,
      request.upgrade && head.webSocketKey !== null ? kept + request.added + switchLines : kept + request.added,
      head.bodyLength !== chunked,
    );
    if (this.#held !== null) this.#sendHeld(connection);
    if (this.bodyComplete) connection.requestEnd(this.#trailers);
    else this.#awaitBody();
    if (this.bodyComplete || !this.#client.delivering) connection.requestFlush();
  }

  #keepBody(limit: number): void {
    const begun = this.#kept !== null || this.#bodySpent;
    if (!begun && this.head.bodyLength !== 0 && this.head.bodyLength <= limit) {
      this.#kept = new KeptBody(limit, this.#held ?? []);
    }
  }

  #sendHeld(connection: BackendSide): void {
    const held = this.#held as Buffer[];
    this.#held = null;
    this.#heldBytes = 0;
    this.#bodySpent = true;
    for (const piece of held) connection.requestData(piece);
  }

  #awaitBody(): void {
    if (this.awaitsContinue) {
      this.#continueDeadline = new Deadline(() => this.#sayContinue());
      wheel.arm(this.#continueDeadline, this.#backends.timeouts.continueWait);
    }
    this.#client.resume();
  }

  /** Tells the client to go on with its body: the backend has not said it in time. */
  #sayContinue(): void {
    if (this.#continued || this.#reply !== 'none' || this.bodyComplete) return;
    this.#continued = true;
    this.#client.interim(100, 'Continue', '');
    this.#client.flush();
  }

  #stopContinue(): void {
    if (this.#continueDeadline !== null) wheel.disarm(this.#continueDeadline);
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
    if (this.#declining) {
      this.#declined();
      return;
    }
    if (this.#reply !== 'none' || failure.answering) {
      this.#breakAnswer(this.#brokenOff(used, failure));
      return;
    }
    if (failure.unprocessed === true && this.#repeatable && !this.#retried) {
      this.#retried = true;
      this.#rewind();
      this.#backends.borrow((this.#request as BackendRequest).route, this, true);
      return;
    }
    const broken = failure.kind === 'closed' || failure.kind === 'reset';
    const resendable = isIdempotent(this.head.method) && (this.head.bodyLength === 0 || this.#kept?.whole === true);
    if (broken && used !== null && used.uses > 1 && failure.heard !== true) {
      // The backend had given up the kept connection before this request came (RFC 9112 section 9.3.1).
      if (resendable && !this.#retried) {
        this.#retried = true;
        this.#rewind();
        this.#backends.borrow((this.#request as BackendRequest).route, this, true);
        return;
      }
      const message = `${failure.message}; it was kept from ${used.uses - 1} earlier requests, and this one cannot be repeated`;
      this.#reportFault({ ...failure, kind: 'stale', message }, used, resendable);
      return;
    }
    this.#reportFault(failure, used, resendable);
  }

  #reportFault(failure: BackendFailure, used: BackendSide | null, resendable: boolean): void {
    const request = this.#request as BackendRequest;
    const replayable = used === null || failure.unprocessed === true ? this.#repeatable : resendable;
    if (replayable) this.#rewind();
    const own = request.timeout > 0;
    const due = {
      name: own ? 'endpoint' : 'global',
      value: own ? request.timeout : this.#globalOf(request),
      setting: own ? 'config.actionDuration' : 'synapse_properties.synapse.global_timeout_interval',
    };
    request.onFault({
      kind: failure.kind,
      message: failure.message,
      ...this.#standOf(used),
      deadline: failure.kind === 'timeout' ? due : failure.deadline,
      ...(failure.limit === undefined ? {} : { limit: failure.limit }),
      replayable,
    });
  }

  /** How far the request has come. */
  #standOf(used: BackendSide | null): Omit<BrokenOff, 'failure'> {
    const sentAt = this.#sentAt;
    const sent = this.bodyComplete ? Phase.requestDone : Phase.requestBody;
    return {
      phase: this.#reply === 'started' ? Phase.answerBody : used === null ? Phase.ready : sent,
      elapsed: monotonic() - sentAt,
      connection: used && { connected: used.createdAt - sentAt, active: used.activeAt - sentAt },
      resent: this.#retried,
    };
  }

  #brokenOff(used: BackendSide | null, failure: BackendFailure | null): BrokenOff | null {
    return this.#request === null ? null : { ...this.#standOf(used), failure };
  }

  // The answer of a backend

  interim(head: ParsedResponse): void {
    if (this.head.minorVersion === 0) return;
    if (head.status === 100) {
      this.#stopContinue();
      if (this.#continued) return;
      this.#continued = true;
    }
    this.#client.interim(
      head.status,
      head.reason,
      keptFields(head.fields, unnamedServer.bodilessDrops, FieldNames.none, head.connectionOptions),
    );
  }

  answerHead(head: ParsedResponse): void {
    this.#stopContinue();
    this.#backendTime = monotonic() - this.#sentAt;
    if (head.status === 401 && this.#declines(head)) return;
    this.#reply = 'started';
    this.#status = head.status;
    const bodiless = head.status === 204 || head.status === 304 || this.toHead;
    const { server } = this.#client;
    const drops = head.status === 204 ? server.bodilessDrops : server.drops;
    const kept = keptFields(head.fields, drops, FieldNames.none, head.connectionOptions);
    const added = this.#request?.onResponse?.(head) ?? '';
    const named = server.passesOn && head.fields.hasKind(Kind.server) ? '' : server.line;
    const date = head.fields.hasKind(Kind.date) ? '' : dateLine();
    const framed = bodiless || head.framing === 'length';
    const keeper = this.#request?.gatekeeper ?? null;
    if (keeper !== null && !bodiless && isEventStream(head)) {
      this.#gate = new EventGate(keeper, this);
      // Nobody can see where its events end, so that none passes.
      this.#gate.spent = head.header('content-encoding') !== undefined;
      this.#measured = framed;
    }
    this.#client.answerHead(head.status, head.reason, kept + added + named + date, framed, bodiless);
  }

  answerData(bytes: Buffer, start: number, end: number): void {
    if (this.#declining) return;
    if (this.#gate === null) this.forward(bytes, start, end);
    else this.#gate.take(bytes, start, end);
  }

  forward(bytes: Buffer, start: number, end: number): void {
    if (this.#over) return;
    this.#bytesOut += end - start;
    this.#request?.answerReader?.read(bytes, start, end);
    this.#client.answerData(bytes, start, end);
  }

  /** Events that were held back have gone their way. */
  wentOn(): void {
    if (this.#over) return;
    const end = this.#heldEnd;
    if (end !== null) {
      this.#heldEnd = null;
      this.answerEnd(end);
    } else if (this.flush()) this.#connection?.resume();
  }

  answerEnd(trailers: string): void {
    if (this.#declining) {
      if (this.bodyComplete) this.#connection?.release();
      else this.#connection?.destroy();
      this.#declined();
      return;
    }
    if (this.#gate?.waits) {
      this.#heldEnd = trailers;
      return;
    }
    if (this.#gate?.spent && this.#measured) {
      this.#cutAnswer();
      return;
    }
    this.#client.answerEnd(trailers);
    this.#client.flush();
    const connection = this.#connection;
    this.#connection = null;
    this.#reply = 'done';
    // A backend that answers before it has all of the request may not be asked again.
    if (this.bodyComplete) connection?.release();
    else connection?.destroy();
    this.#finish('complete');
  }

  flush(): boolean {
    if (this.#declining) {
      // What of the answer did not come with its head is not waited for.
      this.#connection?.destroy();
      this.#declined();
      return true;
    }
    if (this.#gate?.spent && !this.#over) {
      this.#cutAnswer();
      return true;
    }
    return this.#client.flush() && this.#gate?.waits !== true;
  }

  #declines(head: ParsedResponse): boolean {
    const repeatable = this.head.bodyLength === 0 || this.#repeatable;
    this.#declining = this.#request?.declines?.(head, repeatable) === true;
    return this.#declining;
  }

  /** All of the body that has come can still be sent. */
  get #repeatable(): boolean {
    return !this.#bodySpent || this.#kept?.whole === true;
  }

  /** The body is as it was before it was sent, where it was kept. */
  #rewind(): void {
    if (!this.#kept?.whole) return;
    this.#held = this.#kept.copy();
    this.#heldBytes = this.#kept.bytes;
    this.#bodySpent = false;
  }

  /** The answer is out of the way, and the request is as it was before it was sent. */
  #declined(): void {
    this.#declining = false;
    this.#connection = null;
    this.#rewind();
    this.#request?.declined?.();
  }

  /** No further event passes: the answer ends before its time. */
  #cutAnswer(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.destroy();
    if (this.#measured) {
      this.#breakAnswer(null);
      return;
    }
    this.#client.answerEnd('');
    this.#client.flush();
    this.#reply = 'done';
    this.#finish('complete');
  }

  /** The client takes more. */
  clientDrained(): void {
    if (this.#gate?.waits !== true) this.#connection?.resume();
  }

  /** The answer cannot be completed: the client must see that, so its connection breaks. */
  #breakAnswer(broken: BrokenOff | null): void {
    this.#client.flush();
    this.#finish('backend-closed', broken);
    this.#client.breakOff();
  }

  // Another protocol

  switched(head: ParsedResponse, socket: TunnelSocket, late: Buffer): string | null {
    const { webSocketKey } = this.head;
    const request = this.#request as BackendRequest;
    if (!request.upgrade || webSocketKey === null) return 'the backend switches protocols though nobody asked it to';
    const fault = handshakeFault(head, webSocketKey);
    if (fault !== null) return fault;
    this.#backendTime = monotonic() - this.#sentAt;
    this.#reply = 'started';
    this.#status = 101;
    const { server } = this.#client;
    const kept = keptFields(head.fields, server.bodilessDrops, FieldNames.none, head.connectionOptions);
    const named = server.passesOn && head.fields.hasKind(Kind.server) ? '' : server.line;
    const lines = kept + (request.onResponse?.(head) ?? '') + named + switchLines;
    const client = this.#client.switchProtocols?.(head.reason, lines);
    if (client === undefined) return 'the client cannot switch protocols';
    this.#tunnel = new Tunnel(
      client,
      { socket, read: late, ended: false },
      {
        idle: this.#backends.timeouts.webSocketIdle,
        allowed: request.tunnelAllowed
          ? (bytesIn, bytesOut) => request.tunnelAllowed?.(bytesIn, bytesOut) === true
          : undefined,
        gatekeeper: request.gatekeeper ?? undefined,
        over: (end) => this.#tunnelOver(end),
      },
    );
    return null;
  }

  #tunnelOver(end: TunnelEnd): void {
    this.#bytesIn = this.#tunnel?.bytesIn ?? 0;
    this.#bytesOut = this.#tunnel?.bytesOut ?? 0;
    this.#connection?.destroy();
    this.#connection = null;
    this.#finish(end);
  }

  // Answers of the gateway

  reply(status: number, headers: string, body: string | Uint8Array): void {
    if (this.#over || this.#reply !== 'none') return;
    this.#withdraw();
    this.#reply = 'done';
    this.#status = status;
    const bytes =
      typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body.buffer, body.byteOffset, body.length);
    const lengthless = status === 204 || status === 304;
    const length = lengthless ? '' : `Content-Length: ${bytes.length}\r\n`;
    const bodiless = this.toHead || lengthless;
    if (!this.bodyComplete) this.#client.answersUnread(this.awaitsContinue);
    const lines = headers + this.#client.server.line + dateLine() + length;
    this.#client.answerHead(status, reasonOf(status), lines, true, bodiless);
    if (!bodiless && bytes.length > 0) {
      this.#bytesOut = bytes.length;
      this.#client.answerData(bytes, 0, bytes.length);
    }
    this.#client.answerEnd('');
    this.#client.flush();
    this.#finish('complete');
  }

  abort(): void {
    if (this.#over) return;
    if (this.#tunnel !== null) {
      this.#tunnel.abort();
      return;
    }
    this.#withdraw();
    this.#finish('aborted');
    this.#client.breakOff();
  }

  clientGone(end: 'client-closed' | 'client-timeout'): void {
    if (this.#over) return;
    const broken = this.#brokenOff(this.#connection, null);
    this.#withdraw();
    this.#finish(end, broken);
  }

  #withdraw(): void {
    this.#connection?.destroy();
    this.#connection = null;
    if (this.#request) this.#backends.withdraw(this.#request.route, this);
  }

  #finish(end: CallOutcome['end'], broken: BrokenOff | null = null): void {
    if (this.#over) return;
    this.#over = true;
    this.#held = null;
    this.#stopContinue();
    this.#client.exchangeEnded({
      status: this.#status,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      duration: monotonic() - this.started,
      backendTime: this.#backendTime,
      backend: this.#backend,
      end,
      broken,
    });
  }
}

function isEventStream(head: ParsedResponse): boolean {
  return /^text\/event-stream\s*(?:;|$)/i.test(head.header('content-type') ?? '');
}
