import { monotonic } from '../deadlines/clock.ts';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import { AnswerWriter } from './answer-writer.ts';
import type { CallOutcome } from './call.ts';
import { Exchange } from './exchange.ts';
import { type ServerHeader, unnamedServer } from './forward.ts';
import { dateLine } from './http-date.ts';
import { reasonOf } from './reason.ts';
import type { OpenConnection, Reception } from './reception.ts';
import { type Refusal, requestTimeout } from './refusal.ts';
import { RequestBody } from './request-body.ts';
import { type ParsedRequest, parseRequest } from './request-head.ts';
import { RequestInput } from './request-input.ts';
import type { ClientSide } from './sides.ts';
import type { Socket, SocketUser } from './socket/socket.ts';
import type { TunnelSide } from './tunnel.ts';
import { progressLookMillis, WriteProgress } from './write-progress.ts';

/**
 * idle: between requests. head: part of one has come. call: one is being answered. tunnel: what the answered one has become.
 * closing: nothing more is read for its own sake.
 */
type Phase = 'idle' | 'head' | 'call' | 'tunnel' | 'closing' | 'closed';

/** Pipelined bytes that wait for the answer before them; the socket is not read any further then. */
const aheadBytes = 64 * 1024;

/** How long a client that has nothing left to send is waited for at the end of its connection, milliseconds. */
const goodbyeMillis = 1000;

/** A client's HTTP/1.1 connection: requests are read one at a time and answered in order. */
export class ClientConnection implements OpenConnection, ClientSide, SocketUser {
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  delivering = false;
  readonly #socket: Socket;
  readonly #reception: Reception;
  readonly #input = new RequestInput();
  readonly #writer: AnswerWriter;
  readonly #progress: WriteProgress;
  #phase: Phase = 'idle';
  #phaseSince = monotonic();
  #exchange: Exchange | null = null;
  #body: RequestBody | null = null;
  #advancing = false;
  #paused = false;
  #closeAfter = false;
  /** The client was told that the answer is the last one. */
  #saidClose = false;
  /** The client has closed its sending side, and still gets its answers. */
  #inputOver = false;
  #lastRead = 0;
  /** For how long the client may take nothing of the answer that went last, where its API has a word in that. */
  #tailIdle: number | null = null;
  #discarded = 0;
  /** How long a closing connection waits for the client's end. */
  #lingerMillis = 0;
  readonly #deadline: Deadline;

  constructor(socket: Socket, remoteAddress: string, remotePort: number, reception: Reception) {
    this.#socket = socket;
    this.#reception = reception;
    this.#writer = new AnswerWriter(socket);
    this.#progress = new WriteProgress(socket);
    this.secure = reception.secure;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.localPort = reception.port;
    this.#deadline = new Deadline(() => this.#expired());
    reception.arrived(this);
    this.#watch(reception.backends.timeouts.keepAliveIdle);
    if (reception.draining) this.drain();
    socket.start(this);
  }

  drain(): void {
    if (this.#reception.grace > 0) {
      if (this.#phase === 'idle') this.#awaitLastRequest();
    } else if (this.#phase === 'idle') {
      // The end of an answer may still be on its way.
      if (this.#socket.flushed()) this.#closeIdle();
      else this.#closeGently(true);
    } else if (this.#phase === 'call') this.#closeAfter = true;
  }

  abandon(): void {
    this.#exchange?.abort();
    this.breakOff();
  }

  get busy(): boolean {
    return this.#phase === 'call' || this.#phase === 'tunnel';
  }

  get server(): ServerHeader {
    return this.#reception.handler.server ?? unnamedServer;
  }

  // What an exchange asks for

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastRead = monotonic();
    this.#socket.resume();
  }

  interim(status: number, reason: string, lines: string): void {
    this.#writer.head(status, reason, lines, false);
  }

  answersUnread(awaitsContinue: boolean): void {
    const remaining = this.#body?.remaining ?? 0;
    const small = remaining >= 0 && remaining <= this.#reception.backends.limits.discardBytes;
    if (awaitsContinue || !small) this.#closeAfter = true;
  }

  answerHead(status: number, reason: string, lines: string, framed: boolean, bodiless: boolean): void {
    const chunked = !framed && !bodiless && this.#exchange?.head.minorVersion === 1;
    if (!framed && !bodiless && !chunked) this.#closeAfter = true;
    this.#writer.head(status, reason, lines + this.#connectionLine(), chunked);
  }

  answerData(bytes: Buffer, start: number, end: number): void {
    this.#writer.data(bytes, start, end);
  }

  answerEnd(trailers: string): void {
    this.#writer.end(trailers);
  }

  flush(): boolean {
    if (this.#writer.flush()) return true;
    this.#progress.begin(monotonic());
    this.#watch(this.#writeIdle);
    return false;
  }

  silenceChanged(): void {
    this.#watch(this.#bodyIdle);
    this.#watch(this.#writeIdle);
  }

  get #bodyIdle(): number {
    return this.#exchange?.silence?.bodyIdle ?? this.#reception.backends.timeouts.clientBodyIdle;
  }

  get #writeIdle(): number {
    return this.#exchange?.silence?.writeIdle ?? this.#tailIdle ?? this.#reception.backends.timeouts.clientWriteIdle;
  }

  breakOff(): void {
    if (this.#phase === 'closed') return;
    this.#leave();
    this.#socket.reset();
  }

  switchProtocols(reason: string, lines: string): TunnelSide {
    const exchange = this.#exchange as Exchange;
    const read = this.#input.rest;
    this.#phase = 'tunnel';
    this.#input.clear();
    wheel.disarm(this.#deadline);
    this.#writer.head(101, reason, lines, false);
    this.#writer.flush();
    this.#reception.handler.switched?.(exchange);
    return { socket: this.#socket, read, ended: this.#inputOver };
  }

  /** The exchange is over; what comes next depends on how. */
  exchangeEnded(outcome: CallOutcome): void {
    const exchange = this.#exchange as Exchange;
    const body = this.#body;
    this.#tailIdle = exchange.silence === null ? null : exchange.silence.writeIdle;
    this.#reception.handler.ended(exchange, outcome);
    if (this.#phase === 'tunnel') this.#close();
    if (outcome.end !== 'complete' || this.#phase === 'closed') return;
    const bodyComplete = body === null || body.complete;
    if (this.#willClose() && !this.#mayCallAgain()) {
      if (bodyComplete && this.#mayCloseAtOnce()) this.#close();
      else this.#closeGently(bodyComplete);
      return;
    }
    if (bodyComplete) this.#becomeIdle(exchange.started + outcome.duration);
    else {
      // The rest of the body is read and thrown away, then the next request follows.
      this.#phaseSince = monotonic();
      this.#watch(this.#reception.backends.timeouts.discard);
      this.resume();
    }
    if (!this.#advancing) this.#advance();
  }

  /** The Connection field of the answer being made: empty where HTTP/1.1's default holds. */
  #connectionLine(): string {
    if (this.#willClose() || this.#exchange === null) {
      this.#saidClose = true;
      return 'Connection: close\r\n';
    }
    return this.#exchange.head.minorVersion === 0 ? 'Connection: keep-alive\r\n' : '';
  }

  // What the socket tells

  received(bytes: Buffer): void {
    this.#lastRead = monotonic();
    if (this.#phase === 'closing') {
      this.#discarded += bytes.length;
      if (this.#discarded > this.#reception.backends.limits.discardBytes) this.#close();
      return;
    }
    this.#input.add(bytes);
    this.#advance();
  }

  drained(): void {
    if (this.#exchange !== null) {
      this.#exchange.clientDrained();
      return;
    }
    this.resume();
    this.#advance();
  }

  ended(): void {
    if (this.#reception.halfClose) {
      this.#inputOver = true;
      this.#settleInput();
      return;
    }
    this.#gone();
  }

  broken(): void {
    this.#gone();
  }

  closed(): void {
    this.#gone();
  }

  #gone(): void {
    const exchange = this.#exchange;
    this.#close();
    exchange?.clientGone('client-closed');
  }

  // Reading

  /** Reads as far as the input goes: the body of the current request, then the next head, and so on. */
  #advance(): void {
    this.#advancing = true;
    this.delivering = true;
    while (this.#input.bytes !== null && (this.#phase === 'call' ? this.#readBody() : this.#readHead()));
    this.delivering = false;
    this.#advancing = false;
    const waits = this.#phase === 'call' || this.#socket.blocked;
    if (this.#input.keep() > aheadBytes && waits) this.pause();
    if (this.#exchange !== null && this.#body !== null) this.#exchange.requestFlush();
    if (this.#inputOver) this.#settleInput();
  }

  /** Returns true when there may be more to read. */
  #readBody(): boolean {
    const exchange = this.#exchange as Exchange;
    const body = this.#body;
    if (body === null || body.complete) return false;
    const refusal = body.read(this.#input.bytes as Buffer, this.#input.at, exchange);
    if (refusal !== null) {
      this.#refuse(refusal);
      return false;
    }
    // What was handed over may have ended the connection.
    if (this.#input.bytes === null) return false;
    this.#input.take(body.at);
    if (body.discarded > this.#reception.backends.limits.discardBytes) {
      this.#closeGently(false);
      return false;
    }
    if (!body.complete || !exchange.answered) return false;
    this.#becomeIdle(this.#lastRead);
    return true;
  }

  #readHead(): boolean {
    if (this.#phase === 'closing' || this.#phase === 'closed') return false;
    // A client that does not take its answers gets no further ones: they would pile up here.
    if (this.#socket.blocked) return false;
    const input = this.#input;
    if (this.#phase === 'idle') input.beginHead();
    const { limits, timeouts } = this.#reception.backends;
    const likely = input.likelyEnd(limits);
    if (likely > 0) {
      const head = parseRequest(input.bytes as Buffer, input.at, likely, limits);
      if ('method' in head) return this.#begin(head, likely);
    }
    const end = input.headEnd(limits);
    if (end === -1) {
      if (this.#phase === 'idle') this.#enter('head', this.#lastRead);
      this.#watch(timeouts.clientHead);
      return false;
    }
    if (typeof end !== 'number') {
      this.#refuse(end);
      return false;
    }
    const head = parseRequest(input.bytes as Buffer, input.at, end, limits);
    if (!('method' in head)) {
      this.#refuse(head);
      return false;
    }
    return this.#begin(head, end);
  }

  /** A head was read that ends at `end`. */
  #begin(head: ParsedRequest, end: number): boolean {
    const { limits, timeouts } = this.#reception.backends;
    this.#input.take(end);
    const exchange = new Exchange(head, this, this.#reception.backends);
    this.#enter('call', exchange.started);
    this.#exchange = exchange;
    this.#body = null;
    if (head.bodyLength !== 0) {
      this.#body = new RequestBody(head.bodyLength, limits.chunkExtensionBytes);
      this.#watch(timeouts.clientBodyIdle);
    }
    this.#hand(exchange);
    return true;
  }

  #hand(exchange: Exchange): void {
    try {
      this.#reception.handler.call(exchange);
    } catch (error) {
      // A defect in the chain costs this call, not the process and every other call in it.
      exchange.abort();
      this.#reception.handler.crashed?.(exchange, error);
    }
  }

  // Ending

  #willClose(): boolean {
    return this.#closeAfter || this.#reception.draining || this.#exchange?.head.keepAlive === false;
  }

  /**
   * The client said itself that it sends nothing more, nothing is left to write, and nothing came that was not read: no reset can
   * overtake the answer. Spares a connection for one request its slow goodbye.
   */
  #mayCloseAtOnce(): boolean {
    return (
      this.#exchange?.head.keepAlive === false && !this.secure && this.#input.bytes === null && this.#socket.flushed()
    );
  }

  /** The drain began when this answer was on its way: the client believes that the connection goes on, and may have sent a request. */
  #mayCallAgain(): boolean {
    const { draining, grace } = this.#reception;
    return draining && grace > 0 && !this.#saidClose && !this.#closeAfter && this.#exchange?.head.keepAlive !== false;
  }

  #becomeIdle(since: number): void {
    this.#exchange = null;
    this.#body = null;
    this.#enter('idle', since);
    this.resume();
    if (!this.#reception.draining) return;
    if (this.#reception.grace > 0) this.#awaitLastRequest();
    else this.#closeGently(true);
  }

  #awaitLastRequest(): void {
    this.#phaseSince = monotonic();
    this.#watch(this.#reception.grace);
  }

  #enter(phase: Phase, since: number): void {
    this.#phase = phase;
    this.#phaseSince = since;
  }

  #refuse(refusal: Refusal): void {
    const exchange = this.#exchange;
    // The answer is out already: only what is left of the request cannot be read.
    if (exchange?.answered) {
      this.#closeGently(false);
      return;
    }
    if (exchange !== null && !exchange.unanswered) {
      exchange.clientGone('client-closed');
      this.breakOff();
      return;
    }
    const { headers, body } = this.#reception.handler.refusal(
      refusal.status,
      refusal.cause,
      refusal.detail,
      exchange ?? this,
    );
    this.#closeAfter = true;
    if (exchange !== null) {
      exchange.reply(refusal.status, headers, body);
      return;
    }
    const bytes = Buffer.from(body, 'utf8');
    const lines = `${headers}${this.server.line}${dateLine()}Content-Length: ${bytes.length}\r\nConnection: close\r\n`;
    this.#writer.head(refusal.status, reasonOf(refusal.status), lines, false);
    this.#writer.data(bytes, 0, bytes.length);
    this.#writer.flush();
    this.#closeGently(false);
  }

  /**
   * Says that nothing more comes, then reads and throws away for a while: a connection that is closed with unread input
   * is reset, and the client might never see its answer (RFC 9112 section 9.6).
   */
  #closeGently(nothingLeft: boolean): void {
    this.#enter('closing', monotonic());
    this.#exchange = null;
    this.#body = null;
    this.#input.clear();
    this.#socket.end();
    this.resume();
    // Also where nothing bounds what is thrown away: who never ends must not keep the connection.
    const discard = this.#reception.backends.timeouts.discard || goodbyeMillis;
    this.#lingerMillis = nothingLeft ? Math.min(goodbyeMillis, discard) : discard;
    this.#watch(this.#lingerMillis);
  }

  /** Nothing is on its way. TLS says goodbye before its connection ends (RFC 9112 section 9.8). */
  #closeIdle(): void {
    if (this.secure) this.#closeGently(true);
    else this.#close();
  }

  /** Nothing more comes from the client. What it has asked in full is answered first. */
  #settleInput(): void {
    const exchange = this.#exchange;
    if (exchange !== null && !exchange.answered) {
      if (exchange.bodyComplete) this.#closeAfter ||= this.#input.bytes === null;
      else this.#gone();
      return;
    }
    const blocked = this.#phase === 'idle' && this.#input.bytes !== null;
    if (this.#phase === 'closing') {
      if (this.#socket.flushed()) this.#close();
    } else if (!blocked && this.#phase !== 'closed') this.#closeGently(true);
  }

  #close(): void {
    if (this.#phase === 'closed') return;
    this.#leave();
    this.#socket.destroy();
  }

  #leave(): void {
    this.#phase = 'closed';
    this.#input.clear();
    wheel.disarm(this.#deadline);
    this.#reception.left(this);
  }

  // Deadlines: one entry on the wheel, looked at in time; looking early is harmless

  #watch(millis: number): void {
    if (millis <= 0 || this.#phase === 'closed') return;
    const due = monotonic() + (this.#socket.queued > 0 ? Math.min(millis, progressLookMillis) : millis);
    if (!this.#deadline.armed || this.#deadline.due > due) wheel.armAt(this.#deadline, due);
  }

  #expired(): void {
    const { timeouts } = this.#reception.backends;
    const now = monotonic();
    switch (this.#phase) {
      case 'idle':
        if (this.#stillWriting(now)) return;
        if (this.#reception.draining) {
          this.#expireAfter(this.#phaseSince, this.#reception.grace, now, () => this.#closeGently(true));
          return;
        }
        this.#expireAfter(this.#phaseSince, timeouts.keepAliveIdle, now, () => this.#closeIdle());
        return;
      case 'head':
        this.#expireAfter(this.#phaseSince, timeouts.clientHead, now, () =>
          this.#refuse(requestTimeout(`the head of the request was not complete within ${timeouts.clientHead} ms`)),
        );
        return;
      case 'closing':
        if (this.#stillWriting(now)) return;
        this.#expireAfter(this.#phaseSince, this.#lingerMillis, now, () => this.#close());
        return;
      case 'call':
        this.#expireCall(now, timeouts.discard);
        return;
    }
  }

  #expireCall(now: number, discard: number): void {
    const exchange = this.#exchange as Exchange;
    const complete = this.#body === null || this.#body.complete;
    if (exchange.answered && !complete) {
      this.#expireAfter(this.#phaseSince, discard, now, () => this.#close());
      return;
    }
    if (!complete && !this.#paused) {
      const since = Math.max(this.#lastRead, this.#phaseSince);
      this.#expireAfter(since, this.#bodyIdle, now, () => this.#bodyTimeout(this.#bodyIdle));
      return;
    }
    this.#progress.look(now);
    this.#expireAfter(this.#progress.since, this.#writeIdle, now, () => {
      exchange.clientGone('client-timeout');
      this.breakOff();
    });
  }

  /**
   * Whether an answer is still on its way to a client that takes it slowly; its time to be silent begins after that. One that takes
   * nothing any more is cut off.
   */
  #stillWriting(now: number): boolean {
    if (this.#socket.queued === 0) return false;
    this.#progress.look(now);
    this.#phaseSince = now;
    this.#expireAfter(this.#progress.since, this.#writeIdle, now, () => this.breakOff());
    return true;
  }

  #bodyTimeout(idle: number): void {
    const exchange = this.#exchange as Exchange;
    if (exchange.unanswered) {
      this.#refuse(requestTimeout(`no byte of the request body came for ${idle} ms`));
      return;
    }
    exchange.clientGone('client-timeout');
    this.breakOff();
  }

  #expireAfter(since: number, millis: number, now: number, expire: () => void): void {
    if (millis > 0 && now - since >= millis - 1) expire();
    else this.#watch(millis > 0 ? since + millis - now : 60_000);
  }
}
