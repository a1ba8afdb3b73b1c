import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { monotonic } from '../../deadlines/clock.ts';
import { Deadline, wheel } from '../../deadlines/wheel.ts';
import type { FaultKind, Route } from '../call.ts';
import type { BackendFailure, BackendSide, BackendUser } from '../sides.ts';
import { type Silence, silences, tellSilence } from '../silence.ts';
import type { BackendSession } from './backend-session.ts';
import { noteEnd, sawEnd } from './end-of-stream.ts';
import { ErrorCode } from './error-code.ts';
import { failureOf } from './failure.ts';
import { appendLines, type RawFields } from './field-block.ts';
import { type Opening, Outgoing } from './outgoing.ts';
import { readStreamResponse } from './response-head.ts';
import { readTrailers } from './trailers.ts';

/** 1xx answers before the final one beyond which the backend is at fault; flow control is for data alone. */
const mostInterims = 100;
const endStreamFlag = 0x1;

/** A request on a stream of a backend's HTTP/2 connection. */
export class BackendStream implements BackendSide {
  readonly route: Route;
  readonly #uses: number;
  readonly #session: BackendSession;
  #user: BackendUser | null = null;
  #stream: ClientHttp2Stream | null = null;
  readonly #request = new Outgoing();
  #interims = 0;
  readonly #since = monotonic();
  #answering = false;
  /** Bytes of the answer's body so far. */
  #received = 0;
  #trailersRead = '';
  #flushing = false;
  #paused = false;
  #over = false;
  #failure: Pick<BackendFailure, 'kind' | 'message'> | null = null;
  /** Monotonic milliseconds. */
  #lastActivity = monotonic();
  readonly #deadline = new Deadline(() => this.#expired());

  constructor(session: BackendSession, uses: number) {
    this.#session = session;
    this.route = session.route;
    this.#uses = uses;
  }

  get createdAt(): number {
    return this.#session.createdAt;
  }

  get activeAt(): number {
    return this.#lastActivity;
  }

  /** A stream that broke alone is no connection that had grown stale. */
  get uses(): number {
    return this.#session.failure === null ? 1 : this.#uses;
  }

  attach(user: BackendUser): void {
    this.#user = user;
    this.#lastActivity = monotonic();
    this.#watch();
  }

  // The request

  requestHead(method: string, target: string, host: string, lines: string): void {
    const head = [':method', method, ':scheme', this.#session.scheme, ':authority', host, ':path', target];
    if (this.#user?.takesTrailers) head.push('te', 'trailers');
    appendLines(head, lines);
    this.#request.head(head, false);
  }

  requestData(bytes: Buffer): boolean {
    this.#request.data(bytes, 0, bytes.length);
    return !this.#request.blocked;
  }

  requestEnd(trailers: string): void {
    this.#request.end(trailers);
  }

  requestFlush(): void {
    if (this.#over) return;
    const opening = this.#request.takeHead();
    if (opening !== null && !this.#open(opening)) return;
    this.#request.write();
    this.#lastActivity = monotonic();
    this.#watch();
  }

  /** False when the connection has ended meanwhile. */
  #open(opening: Opening): boolean {
    let stream: ClientHttp2Stream | null;
    try {
      stream = this.#session.open(opening);
    } catch (error) {
      this.#fail('protocol', `the request cannot be said in HTTP/2: ${(error as Error).message}`);
      return false;
    }
    if (stream === null) {
      this.#fail('closed', 'the backend closed the connection', { unprocessed: true });
      return false;
    }
    this.#stream = stream;
    this.#request.into(stream);
    noteEnd(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = failureOf(error);
    });
    stream.on('drain', () => this.#drained());
    stream.on('headers', (_headers: IncomingHttpHeaders, _flags: number, raw: RawFields) => this.#readInterim(raw));
    stream.on('response', (_headers, flags, raw) => this.#readHead(raw as unknown as RawFields, flags));
    stream.on('data', (bytes: Buffer) => this.#readData(bytes));
    stream.on('trailers', (_headers: IncomingHttpHeaders, _flags: number, raw: RawFields) => this.#readTrailers(raw));
    stream.on('end', () => this.#ended(stream));
    stream.on('close', () => this.#gone(stream));
    return true;
  }

  #drained(): void {
    this.#lastActivity = monotonic();
    this.#user?.backendDrained();
  }

  // The answer

  #readInterim(raw: RawFields): void {
    const user = this.#user;
    if (user === null) return;
    this.#heard();
    const head = readStreamResponse(raw, false, this.#session.limits, user.toHead);
    if (typeof head === 'string') this.#fail('protocol', head);
    else if (++this.#interims > mostInterims)
      this.#fail('protocol', `the backend sent more than ${mostInterims} 1xx answers`);
    else user.interim(head);
  }

  #readHead(raw: RawFields, flags: number): void {
    const user = this.#user;
    if (user === null) return;
    this.#heard();
    const ended = (flags & endStreamFlag) !== 0;
    const head = readStreamResponse(raw, ended, this.#session.limits, user.toHead);
    if (typeof head === 'string') {
      this.#fail('protocol', head);
      return;
    }
    if (head.framing === 'length' && this.#exceeds(head.length)) return;
    this.#answering = true;
    user.answerHead(head);
    if (ended) this.#complete(user);
    else {
      this.#flushSoon();
      // The silence that is allowed from here on may be a shorter one.
      this.#watch();
    }
  }

  /** Fails, and returns true, when a body of this many bytes is more than an answer may have (wso2-gateway.md 2.2). */
  #exceeds(length: number): boolean {
    const limit = this.#session.limits.bodyBytes;
    if (limit === 0 || length <= limit) return false;
    this.#fail('response-too-large', `the body of the answer is larger than ${limit} bytes`, { limit });
    return true;
  }

  #readData(bytes: Buffer): void {
    const user = this.#user;
    if (user === null) return;
    this.#heard();
    this.#received += bytes.length;
    if (this.#exceeds(this.#received)) return;
    user.answerData(bytes, 0, bytes.length);
    this.#flushSoon();
  }

  #heard(): void {
    this.#lastActivity = monotonic();
    this.#session.heardAt = this.#lastActivity;
  }

  #readTrailers(raw: RawFields): void {
    const trailers = readTrailers(raw, this.#session.limits.chunkExtensionBytes);
    if ('lines' in trailers) this.#trailersRead = trailers.lines;
    else this.#fail('protocol', trailers.wrong);
  }

  #ended(stream: ClientHttp2Stream): void {
    // A break ends it too: then `close` follows.
    if (this.#user !== null && this.#answering && sawEnd(stream)) this.#complete(this.#user);
  }

  /** What comes in one turn of the event loop goes to the client in one write. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(flushNow, this);
  }

  /** To be called by `flushNow` alone. */
  flushAnswer(): void {
    this.#flushing = false;
    const user = this.#user;
    if (user === null || user.flush() || this.#user !== user) return;
    this.#paused = true;
    this.#stream?.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastActivity = monotonic();
    this.#stream?.resume();
    this.#watch();
  }

  #complete(user: BackendUser): void {
    this.#user = null;
    wheel.disarm(this.#deadline);
    user.answerEnd(this.#trailersRead);
  }

  // The end

  release(): void {
    // The stream ends by itself.
  }

  destroy(): void {
    this.#user = null;
    this.#end(ErrorCode.cancel);
  }

  #fail(
    kind: FaultKind,
    message: string,
    more: Partial<Pick<BackendFailure, 'deadline' | 'unprocessed' | 'limit'>> = {},
  ): void {
    const user = this.#user;
    const failure: BackendFailure = { kind, message, answering: this.#answering, deadline: null, ...more };
    this.#user = null;
    if (kind === 'timeout' || kind === 'socket-timeout') this.#session.gaveUp(this.#since);
    this.#end(kind === 'protocol' ? ErrorCode.protocolError : ErrorCode.cancel);
    user?.backendFailed(failure);
  }

  #end(code: number): void {
    if (this.#over) return;
    this.#over = true;
    wheel.disarm(this.#deadline);
    this.#stream?.close(code);
    // What nobody reads would keep the stream.
    this.#stream?.resume();
    // A connection that is stuck never says that the stream is closed.
    this.#session.streamClosed(this);
  }

  #gone(stream: ClientHttp2Stream): void {
    const code = stream.rstCode ?? ErrorCode.noError;
    const failure = this.#failure ?? this.#session.failure;
    if (code === ErrorCode.refusedStream) this.#fail('reset', 'the backend refused the request', { unprocessed: true });
    else if (failure !== null) this.#fail(failure.kind, failure.message);
    else if (code === ErrorCode.protocolError) this.#fail('protocol', 'the stream broke a rule of HTTP/2');
    else if (code === ErrorCode.noError) this.#fail('closed', 'the backend ended the stream before its answer');
    else this.#fail('reset', `the backend reset the stream with code ${code}`);
    this.#session.streamClosed(this);
  }

  // Deadlines: one entry on the wheel, looked at in time; looking early is harmless

  #watch(): void {
    if (this.#over || this.#user === null) return;
    let due = this.#nextDue();
    if (due === Number.POSITIVE_INFINITY) return;
    if (this.#request.waits) {
      due = Math.min(due, this.#request.nextLook(this.#session.timeouts.backendWriteIdle || 60_000));
    }
    if (!this.#deadline.armed || this.#deadline.due > due) wheel.armAt(this.#deadline, due);
  }

  #nextDue(): number {
    return Math.min(this.#answerDue, this.#silenceDue());
  }

  get #answerDue(): number {
    return this.#answering ? Number.POSITIVE_INFINITY : (this.#user as BackendUser).answerDue;
  }

  /** The silence that is waited for to end; null while it is the client that keeps the backend waiting. */
  #silence(): Silence | null {
    if (this.#answering) return silences.answer;
    if (this.#request.waits) return silences.write;
    return this.#user?.bodyComplete ? silences.firstByte : null;
  }

  #silenceDue(): number {
    const silence = this.#silence();
    const allowed = silence === null ? 0 : this.#session.timeouts[silence.timeout];
    return allowed > 0 ? this.#lastActivity + allowed : Number.POSITIVE_INFINITY;
  }

  #expired(): void {
    const now = monotonic();
    const user = this.#user;
    if (user === null) return;
    if (this.#request.waits) {
      this.#request.look(now);
      this.#lastActivity = Math.max(this.#lastActivity, this.#request.since);
    }
    // Being kept from sending answer bytes, or waiting for the client's, is not idling.
    if (this.#paused || (this.#answering && !user.bodyComplete)) this.#lastActivity = now;
    const due = this.#nextDue();
    if (now < due) {
      this.#watch();
      return;
    }
    const silence = this.#silence();
    // The earliest is named, however late this process looks.
    if (silence === null || due === this.#answerDue) this.#fail('timeout', 'no answer in time');
    else {
      const [message, deadline] = tellSilence(silence, this.#session.timeouts);
      this.#fail('socket-timeout', message, { deadline });
    }
  }
}

function flushNow(stream: BackendStream): void {
  stream.flushAnswer();
}
