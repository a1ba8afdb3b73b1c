import type { Socket } from 'node:net';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import { progressLookMillis } from './backend-connection.ts';
import type { Backends } from './backend-pool.ts';
import type { CallHandler, CallOutcome } from './call.ts';
import { lineFeed } from './characters.ts';
import { Exchange } from './exchange.ts';
import { dateLine } from './http-date.ts';
import { reasonOf } from './reason.ts';
import { badRequest, headersTooLarge, type Refusal, requestTimeout, targetTooLong } from './refusal.ts';
import { parseRequest } from './request-head.ts';

/** What a connection shares with the others of its listener. */
export interface Reception {
  readonly handler: CallHandler;
  readonly backends: Backends;
  readonly secure: boolean;
  readonly port: number;
  /** A client that closes its sending side still gets its answer; otherwise that counts as having gone away. */
  readonly halfClose: boolean;
  /** Answers are the last ones of their connections. */
  readonly draining: boolean;
  /** Milliseconds for which a draining connection may still bring a request; 0 takes none. */
  readonly grace: number;
  readonly clients: Set<ClientConnection>;
}

/** idle: between requests. head: part of one has come. call: one is being answered. closing: nothing more is read for its own sake. */
type Phase = 'idle' | 'head' | 'call' | 'closing' | 'closed';

/** Pipelined bytes that wait for the answer before them; the socket is not read any further then. */
const aheadBytes = 64 * 1024;

/** A client's connection: requests are read one at a time and answered in order. */
export class ClientConnection {
  readonly secure: boolean;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly #socket: Socket;
  readonly #reception: Reception;
  #phase: Phase = 'idle';
  #phaseSince = performance.now();
  #pending: Buffer | null = null;
  /** Where the search for the end of the head goes on. */
  #searched = 0;
  #skippedLine = false;
  #exchange: Exchange | null = null;
  #advancing = false;
  #paused = false;
  #closeAfter = false;
  /** The client was told that the answer is the last one. */
  #saidClose = false;
  /** The client has closed its sending side, and still gets its answers. */
  #inputOver = false;
  #lastRead = 0;
  #progress = 0;
  #progressAt = 0;
  #discarded = 0;
  readonly #deadline: Deadline;
  #continueDeadline: Deadline | null = null;

  constructor(socket: Socket, reception: Reception) {
    this.#socket = socket;
    this.#reception = reception;
    this.secure = reception.secure;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.remotePort = socket.remotePort ?? 0;
    this.localPort = socket.localPort ?? reception.port;
    this.#deadline = new Deadline(() => this.#expired());
    reception.clients.add(this);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#ended());
    socket.on('error', () => {});
    socket.on('close', () => this.#gone());
    this.#watch(reception.backends.timeouts.keepAliveIdle);
    if (reception.draining) this.drain();
  }

  /**
   * Ends the connection now if nothing is being answered, else after the answer. With a grace it ends only when the client was told
   * so in an answer, or has sent nothing for that long: a request that crosses with the end would be lost.
   */
  drain(): void {
    if (this.#reception.grace > 0) {
      if (this.#phase === 'idle') this.#awaitLastRequest();
    } else if (this.#phase === 'idle') {
      // The end of an answer may still be on its way.
      if (this.#socket.writableLength > 0) this.#closeGently(true);
      else this.#close();
    } else if (this.#phase === 'call') this.#closeAfter = true;
  }

  /** Ends the connection and what it carries at once. */
  abandon(): void {
    this.#exchange?.abort();
    this.breakOff();
    this.#close();
  }

  get busy(): boolean {
    return this.#phase === 'call';
  }

  // What an exchange asks for

  write(data: string | Uint8Array): boolean {
    if (this.#phase === 'closed') return true;
    const more = typeof data === 'string' ? this.#socket.write(data, 'latin1') : this.#socket.write(data);
    if (!more) {
      this.#progressAt = performance.now();
      this.#progress = this.#socket.bytesWritten - this.#socket.writableLength;
      this.#watch(this.#reception.backends.timeouts.socket);
    }
    return more;
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): void {
    this.#socket.uncork();
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastRead = performance.now();
    this.#socket.resume();
  }

  closeAfterAnswer(): void {
    this.#closeAfter = true;
  }

  /** The Connection field of the answer being made: empty where HTTP/1.1's default holds. */
  connectionLine(): string {
    const head = this.#exchange?.head;
    if (this.#willClose() || !head) {
      this.#saidClose = true;
      return 'Connection: close\r\n';
    }
    return head.minorVersion === 0 ? 'Connection: keep-alive\r\n' : '';
  }

  /** Breaks the connection so that the client cannot take a cut answer for a whole one. */
  breakOff(): void {
    // A TLS client sees the missing close_notify; a plain one must see a reset, since an end could look whole.
    if (this.secure) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Gives the client the gateway's `100 Continue` unless the backend has spoken in time. */
  continueLater(exchange: Exchange): void {
    this.#continueDeadline ??= new Deadline(() => this.#exchange?.sayContinue());
    if (this.#exchange === exchange) wheel.arm(this.#continueDeadline, this.#reception.backends.timeouts.continueWait);
  }

  stopContinue(): void {
    if (this.#continueDeadline) wheel.disarm(this.#continueDeadline);
  }

  /** The exchange is over; what comes next depends on how. */
  ended(exchange: Exchange, outcome: CallOutcome): void {
    this.#reception.handler.ended(exchange, outcome);
    if (outcome.end !== 'complete' || this.#phase === 'closed') return;
    if (this.#willClose() && !this.#mayCallAgain()) {
      this.#closeGently(exchange.bodyComplete);
      return;
    }
    if (!exchange.bodyComplete) {
      // The rest of the body is read and thrown away, then the next request follows.
      this.#watch(this.#reception.backends.timeouts.discard);
      this.resume();
    } else {
      this.#becomeIdle();
    }
    if (!this.#advancing) this.#advance();
  }

  // Reading

  #read(bytes: Buffer): void {
    this.#lastRead = performance.now();
    if (this.#phase === 'closing') {
      this.#discard(bytes);
      return;
    }
    this.#pending = this.#pending === null ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#advance();
  }

  /** Reads as far as the input goes: the body of the current request, then the next head, and so on. */
  #advance(): void {
    this.#advancing = true;
    while (this.#pending !== null && (this.#phase === 'call' ? this.#readBody() : this.#readHead()));
    this.#advancing = false;
    const waits = this.#phase === 'call' || this.#socket.writableNeedDrain;
    if (waits && this.#pending !== null && this.#pending.length > aheadBytes) this.pause();
    if (this.#inputOver) this.#settleInput();
  }

  #drained(): void {
    if (this.#exchange !== null) {
      this.#exchange.clientDrained();
      return;
    }
    this.resume();
    this.#advance();
  }

  /** Returns true when there may be more to read. */
  #readBody(): boolean {
    const exchange = this.#exchange as Exchange;
    const input = this.#pending as Buffer;
    if (exchange.bodyComplete) return false;
    const next = exchange.receive(input, 0);
    if (typeof next !== 'number') {
      this.#refuse(next);
      return false;
    }
    this.#pending = next < input.length ? input.subarray(next) : null;
    if (exchange.discardedTooMuch) {
      this.#closeGently(false);
      return false;
    }
    if (!exchange.bodyComplete || !exchange.answered) return false;
    this.#becomeIdle();
    return true;
  }

  #readHead(): boolean {
    if (this.#phase === 'closing' || this.#phase === 'closed') return false;
    // A client that does not take its answers gets no further ones: they would pile up here.
    if (this.#socket.writableNeedDrain) return false;
    let input = this.#pending as Buffer;
    if (this.#phase === 'idle') {
      this.#enter('head');
      this.#searched = 0;
      this.#skippedLine = false;
    }
    if (!this.#skippedLine && input.length >= 2) {
      // RFC 9112 section 2.2: one empty line before a request is forgiven.
      this.#skippedLine = true;
      if (input[0] === 0x0d && input[1] === 0x0a) {
        input = input.subarray(2);
        this.#pending = input.length > 0 ? input : null;
      }
    }
    const { limits, timeouts } = this.#reception.backends;
    const mark = input.indexOf('\r\n\r\n', this.#searched, 'latin1');
    if (mark < 0 || mark + 4 > limits.headBytes) return this.#awaitHead(input, mark >= 0, timeouts.clientHead);
    const end = mark + 4;
    const head = parseRequest(input, 0, end, limits);
    if (!('method' in head)) {
      this.#refuse(head);
      return false;
    }
    this.#pending = end < input.length ? input.subarray(end) : null;
    this.#enter('call');
    const exchange = new Exchange(head, this, this.#reception.backends);
    this.#exchange = exchange;
    if (!exchange.bodyComplete) this.#watch(timeouts.socket);
    this.#hand(exchange);
    return true;
  }

  /** Part of a head: refuses what cannot become one any more. */
  #awaitHead(input: Buffer, whole: boolean, millis: number): boolean {
    const { limits } = this.#reception.backends;
    const from = Math.max(0, this.#searched - 1);
    this.#searched = Math.max(0, input.length - 3);
    if (whole || input.length > limits.headBytes) {
      const lineEnd = input.indexOf(lineFeed);
      this.#refuse(
        lineEnd < 0 || lineEnd > limits.targetBytes + 64
          ? targetTooLong(limits.targetBytes)
          : headersTooLarge(`the head is larger than ${limits.headBytes} bytes`),
      );
    } else if (hasBareLineFeed(input, from)) {
      this.#refuse(badRequest('a line ends with a bare LF'));
    } else {
      this.#watch(millis);
    }
    return false;
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

  /** The drain began when this answer was on its way: the client believes that the connection goes on, and may have sent a request. */
  #mayCallAgain(): boolean {
    const { draining, grace } = this.#reception;
    return draining && grace > 0 && !this.#saidClose && !this.#closeAfter && this.#exchange?.head.keepAlive !== false;
  }

  #becomeIdle(): void {
    this.#exchange = null;
    this.#enter('idle');
    this.resume();
    if (this.#reception.draining) this.#awaitLastRequest();
  }

  #awaitLastRequest(): void {
    this.#phaseSince = performance.now();
    this.#watch(this.#reception.grace);
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.#phaseSince = performance.now();
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
    const { headers, body } = this.#reception.handler.refusal(refusal.status, refusal.cause, refusal.detail);
    this.#closeAfter = true;
    if (exchange !== null) {
      exchange.reply(refusal.status, headers, body);
      return;
    }
    const bytes = Buffer.from(body, 'utf8');
    const head = `HTTP/1.1 ${refusal.status} ${reasonOf(refusal.status)}\r\n${headers}${dateLine()}Content-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
    this.write(head + bytes.toString('latin1'));
    this.#closeGently(false);
  }

  /**
   * Says that nothing more comes, then reads and throws away for a while: a connection that is closed with unread input
   * is reset, and the client might never see its answer (RFC 9112 section 9.6).
   */
  #closeGently(nothingLeft: boolean): void {
    this.#enter('closing');
    this.#exchange = null;
    this.#pending = null;
    this.#socket.end();
    this.resume();
    this.#watch(
      nothingLeft
        ? Math.min(1000, this.#reception.backends.timeouts.discard)
        : this.#reception.backends.timeouts.discard,
    );
  }

  #discard(bytes: Buffer): void {
    this.#discarded += bytes.length;
    if (this.#discarded > this.#reception.backends.limits.discardBytes) this.#close();
  }

  #ended(): void {
    if (this.#reception.halfClose) {
      this.#inputOver = true;
      this.#settleInput();
      return;
    }
    this.#exchange?.clientGone('client-closed');
    this.#close();
  }

  /** Nothing more comes from the client. What it has asked in full is answered first. */
  #settleInput(): void {
    const exchange = this.#exchange;
    if (exchange !== null && !exchange.answered) {
      if (exchange.bodyComplete) {
        this.#closeAfter ||= this.#pending === null;
      } else {
        exchange.clientGone('client-closed');
        this.#close();
      }
      return;
    }
    const blocked = this.#phase === 'idle' && this.#pending !== null;
    if (!blocked && this.#phase !== 'closing' && this.#phase !== 'closed') this.#closeGently(true);
  }

  #gone(): void {
    const exchange = this.#exchange;
    this.#close();
    exchange?.clientGone('client-closed');
  }

  #close(): void {
    if (this.#phase === 'closed') return;
    this.#enter('closed');
    this.#pending = null;
    wheel.disarm(this.#deadline);
    this.stopContinue();
    this.#reception.clients.delete(this);
    this.#socket.destroy();
  }

  // Deadlines: one entry on the wheel, looked at in time; looking early is harmless

  #watch(millis: number): void {
    if (millis <= 0 || this.#phase === 'closed') return;
    const due = performance.now() + (this.#socket.writableLength > 0 ? Math.min(millis, progressLookMillis) : millis);
    if (!this.#deadline.armed || this.#deadline.due > due) wheel.armAt(this.#deadline, due);
  }

  #expired(): void {
    const { timeouts } = this.#reception.backends;
    const now = performance.now();
    switch (this.#phase) {
      case 'idle':
        if (this.#stillWriting(now)) {
          this.#watch(timeouts.keepAliveIdle);
          return;
        }
        if (this.#reception.draining) {
          this.#expireAfter(this.#phaseSince, this.#reception.grace, now, () => this.#closeGently(true));
          return;
        }
        this.#expireAfter(this.#phaseSince, timeouts.keepAliveIdle, now, () => this.#close());
        return;
      case 'head':
        this.#expireAfter(this.#phaseSince, timeouts.clientHead, now, () =>
          this.#refuse(requestTimeout(`the head of the request was not complete within ${timeouts.clientHead} ms`)),
        );
        return;
      case 'closing':
        if (this.#stillWriting(now)) {
          this.#watch(timeouts.discard);
          return;
        }
        this.#expireAfter(this.#phaseSince, timeouts.discard, now, () => this.#close());
        return;
      case 'call':
        this.#expireCall(now, timeouts.socket, timeouts.discard);
        return;
    }
  }

  #expireCall(now: number, idle: number, discard: number): void {
    const exchange = this.#exchange as Exchange;
    if (exchange.answered && !exchange.bodyComplete) {
      this.#expireAfter(this.#phaseSince, discard, now, () => this.#close());
      return;
    }
    if (!exchange.bodyComplete && !this.#paused) {
      const since = Math.max(this.#lastRead, this.#phaseSince);
      this.#expireAfter(since, idle, now, () => this.#bodyTimeout(idle));
      return;
    }
    this.#noteProgress(now);
    this.#expireAfter(this.#progressAt, idle, now, () => {
      exchange.clientGone('client-timeout');
      this.breakOff();
    });
  }

  /** Whether an answer is still on its way to a client that takes it slowly; its time to be silent begins after that. */
  #stillWriting(now: number): boolean {
    if (this.#socket.writableLength === 0) return false;
    this.#noteProgress(now);
    const idle = this.#reception.backends.timeouts.socket;
    if (idle > 0 && now - this.#progressAt >= idle) return false;
    this.#phaseSince = now;
    return true;
  }

  #noteProgress(now: number): void {
    const progress = this.#socket.bytesWritten - this.#socket.writableLength;
    if (this.#socket.writableLength === 0 || progress !== this.#progress) this.#progressAt = now;
    this.#progress = progress;
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

function hasBareLineFeed(bytes: Buffer, from: number): boolean {
  for (let at = bytes.indexOf(lineFeed, from); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
    if (at === 0 || bytes[at - 1] !== 0x0d) return true;
  }
  return false;
}
