import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { monotonic } from '../../deadlines/clock.ts';
import { Deadline, wheel } from '../../deadlines/wheel.ts';
import type { CallOutcome } from '../call.ts';
import { Exchange } from '../exchange.ts';
import { type ServerHeader, unnamedServer } from '../forward.ts';
import { dateLine } from '../http-date.ts';
import { reasonOf } from '../reason.ts';
import { badRequest, type Refusal, requestTimeout } from '../refusal.ts';
import type { ClientSide } from '../sides.ts';
import type { ClientSession } from './client-session.ts';
import { ErrorCode } from './error-code.ts';
import { appendLines, type RawFields, trailersOf } from './field-block.ts';
import { type Opening, Outgoing } from './outgoing.ts';
import { readStreamRequest } from './request-head.ts';
import { readTrailers } from './trailers.ts';

/** 1xx answers of one stream that are passed on; nothing else bounds them, since flow control is for data alone. */
const mostInterims = 100;

/** One stream of a client's HTTP/2 connection: a request and its answer. */
export class ClientStream implements ClientSide {
  readonly secure = true;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  delivering = false;
  readonly #stream: ServerHttp2Stream;
  readonly #session: ClientSession;
  #exchange: Exchange | null = null;
  #requestOver: boolean;
  #trailersRead = '';
  #discarded = 0;
  #paused = false;
  /** Monotonic milliseconds of the last piece of the request. */
  #lastRead = monotonic();
  #interims = 0;
  readonly #answer = new Outgoing();
  /** Monotonic milliseconds at which the answer was over; what still comes of the request is thrown away. */
  #answeredAt = 0;
  #closed = false;
  readonly #deadline = new Deadline(() => this.#expired());

  constructor(stream: ServerHttp2Stream, ended: boolean, session: ClientSession) {
    this.#stream = stream;
    this.#session = session;
    this.#requestOver = ended;
    this.remoteAddress = session.remoteAddress;
    this.remotePort = session.remotePort;
    this.localPort = session.localPort;
    stream.on('error', () => {});
    stream.on('aborted', () => this.#aborted());
    stream.on('close', () => this.#gone());
    stream.on('drain', () => this.#drained());
    stream.on('finish', () => this.#watch());
    this.#answer.into(stream);
    if (ended) {
      stream.resume();
      return;
    }
    stream.on('data', (bytes: Buffer) => this.#received(bytes));
    stream.on('trailers', (_headers: IncomingHttpHeaders, _flags: number, raw: RawFields) => this.#readTrailers(raw));
    stream.on('end', () => this.#ended());
  }

  /** Hands the request over, or refuses it. */
  begin(raw: RawFields): void {
    const { backends, handler } = this.#session.reception;
    const head = readStreamRequest(raw, this.#requestOver, backends.limits);
    if (!('method' in head)) {
      this.#answerRefusal(head, raw[raw.indexOf(':method') + 1] === 'HEAD');
      return;
    }
    const exchange = new Exchange(head, this, backends);
    this.#exchange = exchange;
    this.#watch();
    try {
      handler.call(exchange);
    } catch (error) {
      // A defect in the chain costs this call, not the process and every other call in it.
      exchange.abort();
      handler.crashed?.(exchange, error);
    }
  }

  /** Ends the stream and the call on it at once. */
  abandon(): void {
    this.#exchange?.abort();
    this.#reset(ErrorCode.cancel);
  }

  // What an exchange asks for

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  silenceChanged(): void {
    this.#watch();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastRead = monotonic();
    this.#stream.resume();
    this.#watch();
  }

  interim(status: number, _reason: string, lines: string): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed || stream.headersSent || ++this.#interims > mostInterims) return;
    stream.additionalHeaders({ ...trailersOf(lines), ':status': status });
  }

  answersUnread(): void {
    // The stream ends with the answer anyway, and no other is concerned.
  }

  answerHead(status: number, _reason: string, lines: string, _framed: boolean, bodiless: boolean): void {
    const head = [':status', String(status)];
    appendLines(head, lines);
    this.#answer.head(head, bodiless);
  }

  answerData(bytes: Buffer, start: number, end: number): void {
    this.#answer.data(bytes, start, end);
  }

  answerEnd(trailers: string): void {
    this.#answer.end(trailers);
  }

  flush(): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return true;
    const opening = this.#answer.takeHead();
    if (opening !== null && !this.#respond(opening)) return true;
    const more = this.#answer.write();
    if (this.#answer.waits) this.#watch();
    return more;
  }

  /** False when the answer cannot be said in HTTP/2: Node knows no status above 599, which a backend may send. */
  #respond(opening: Opening): boolean {
    try {
      this.#stream.respond(opening.head, opening);
      return true;
    } catch {
      this.#exchange?.abort();
      return false;
    }
  }

  breakOff(): void {
    this.#reset(ErrorCode.internalError);
  }

  exchangeEnded(outcome: CallOutcome): void {
    this.#session.reception.handler.ended(this.#exchange as Exchange, outcome);
    this.#answered();
  }

  // The request

  #received(bytes: Buffer): void {
    const exchange = this.#exchange;
    this.#lastRead = monotonic();
    if (exchange === null || exchange.answered || this.#closed) {
      this.#discarded += bytes.length;
      if (this.#discarded > this.#session.reception.backends.limits.discardBytes) this.#reset(ErrorCode.noError);
      return;
    }
    this.delivering = true;
    const refusal = exchange.requestData(bytes);
    this.delivering = false;
    if (refusal === null) exchange.requestFlush();
    else this.#refuse(refusal);
  }

  #readTrailers(raw: RawFields): void {
    const { chunkExtensionBytes } = this.#session.reception.backends.limits;
    const trailers = readTrailers(raw, chunkExtensionBytes);
    if ('lines' in trailers) this.#trailersRead = trailers.lines;
    else this.#refuse(badRequest(trailers.wrong));
  }

  #ended(): void {
    this.#requestOver = true;
    const exchange = this.#exchange;
    if (exchange === null || exchange.answered || this.#closed || this.#stream.aborted) return;
    exchange.requestEnd(this.#trailersRead);
    exchange.requestFlush();
  }

  /** The request turned out to be none that can be taken. */
  #refuse(refusal: Refusal): void {
    const exchange = this.#exchange;
    if (exchange === null || exchange.answered) return;
    if (!exchange.unanswered) {
      exchange.clientGone('client-closed');
      this.#reset(ErrorCode.protocolError);
      return;
    }
    const { cause, detail } = refusal;
    const { handler } = this.#session.reception;
    const { status = refusal.status, headers, body } = handler.refusal(refusal.status, cause, detail, exchange);
    exchange.reply(status, headers, body);
  }

  get server(): ServerHeader {
    return this.#session.reception.handler.server ?? unnamedServer;
  }

  /** Answers a request that never became a call. */
  #answerRefusal(refusal: Refusal, bodiless: boolean): void {
    const { status, cause, detail } = refusal;
    const { headers, body } = this.#session.reception.handler.refusal(status, cause, detail, this);
    const bytes = Buffer.from(body, 'utf8');
    const lines = `${headers}${this.server.line}${dateLine()}Content-Length: ${bytes.length}\r\n`;
    this.answerHead(refusal.status, reasonOf(refusal.status), lines, true, bodiless);
    if (!bodiless) this.answerData(bytes, 0, bytes.length);
    this.answerEnd('');
    this.flush();
    this.#answered();
  }

  // The end

  /** The rest of a request that is answered is read and thrown away for a while: a client may not see its answer before it has sent all. */
  #answered(): void {
    this.#answeredAt = monotonic();
    if (!this.#requestOver) this.resume();
    this.#watch();
  }

  #drained(): void {
    this.#exchange?.clientDrained();
  }

  #reset(code: number): void {
    if (this.#closed) return;
    this.#closed = true;
    wheel.disarm(this.#deadline);
    this.#stream.close(code);
    // What nobody reads would keep the stream.
    this.#stream.resume();
    // A connection that is stuck never says that the stream is closed.
    this.#session.streamClosed(this, false);
  }

  /** The client has broken the stream off, whatever code it gave: what has come so far must not pass for a whole request. */
  #aborted(): void {
    this.#exchange?.clientGone('client-closed');
    this.#stream.resume();
  }

  #gone(): void {
    const broken = !this.#closed && (this.#stream.aborted || this.#stream.rstCode !== ErrorCode.noError);
    this.#closed = true;
    wheel.disarm(this.#deadline);
    this.#exchange?.clientGone('client-closed');
    this.#session.streamClosed(this, broken);
  }

  // Deadlines: one entry on the wheel, looked at in time; looking early is harmless

  #watch(): void {
    const due = this.#nextDue();
    if (this.#closed || due === Number.POSITIVE_INFINITY) return;
    if (!this.#deadline.armed || this.#deadline.due > due) wheel.armAt(this.#deadline, due);
  }

  #nextDue(): number {
    if (this.#answer.waits && this.#writeIdle > 0) return this.#answer.nextLook(this.#writeIdle);
    if (this.#answeredAt > 0) return this.#closeDue;
    const idle = this.#bodyIdle;
    return this.#requestOver || this.#paused || idle === 0 ? Number.POSITIVE_INFINITY : this.#lastRead + idle;
  }

  get #bodyIdle(): number {
    return this.#exchange?.silence?.bodyIdle ?? this.#session.reception.backends.timeouts.clientBodyIdle;
  }

  get #writeIdle(): number {
    return this.#exchange?.silence?.writeIdle ?? this.#session.reception.backends.timeouts.clientWriteIdle;
  }

  /**
   * When a stream is ended that is answered and does not end by itself: because the request goes on, which need not be heard (RFC 9113 section 8.1),
   * or because the connection is stuck.
   */
  get #closeDue(): number {
    const { discard } = this.#session.reception.backends.timeouts;
    const patience = this.#requestOver ? this.#writeIdle : discard;
    return patience > 0 ? Math.max(this.#answeredAt, this.#answer.since) + patience : Number.POSITIVE_INFINITY;
  }

  #expired(): void {
    const now = monotonic();
    const patience = this.#writeIdle;
    const writing = this.#answer.waits;
    if (writing) this.#answer.look(now);
    if (writing && patience > 0 && now >= this.#answer.since + patience - 1) {
      this.#exchange?.clientGone('client-timeout');
      this.#reset(ErrorCode.cancel);
    } else if (!writing && this.#answeredAt > 0 && now >= this.#closeDue - 1) {
      this.#reset(ErrorCode.noError);
    } else if (this.#bodyIsLate(now, this.#bodyIdle)) {
      this.#bodyTimeout(this.#bodyIdle);
    } else this.#watch();
  }

  #bodyIsLate(now: number, idle: number): boolean {
    const waits = !this.#requestOver && !this.#paused && this.#answeredAt === 0;
    return waits && idle > 0 && now >= this.#lastRead + idle - 1;
  }

  #bodyTimeout(idle: number): void {
    const exchange = this.#exchange as Exchange;
    if (exchange.unanswered) {
      this.#refuse(requestTimeout(`no byte of the request body came for ${idle} ms`));
      return;
    }
    exchange.clientGone('client-timeout');
    this.#reset(ErrorCode.cancel);
  }
}
