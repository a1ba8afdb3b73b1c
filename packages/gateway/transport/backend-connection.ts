import { monotonic } from '../deadlines/clock.ts';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { FaultKind, Route } from './call.ts';
import { flat, latin1 } from './characters.ts';
import { ChunkDecoder } from './chunks.ts';
import type { RequestForm } from './dial/request-form.ts';
import type { Limits, Timeouts } from './options.ts';
import { endOfHead, type ParsedResponse, parseResponse } from './response-head.ts';
import type { BackendFailure, BackendSide, BackendUser } from './sides.ts';
import { type Silence, silences, tellSilence } from './silence.ts';
import { type Socket, type SocketUser, stringBytes } from './socket/socket.ts';
import { progressLookMillis, WriteProgress } from './write-progress.ts';

/** What a connection tells its pool. */
export interface ConnectionOwner {
  /** It can be used again. */
  idle(connection: BackendConnection): void;
  closed(connection: BackendConnection): void;
}

/** tunnel: the connection belongs to somebody else until `destroy`. */
type Phase = 'idle' | 'head' | 'body' | 'tunnel' | 'closed';

/** One HTTP/1.1 connection to a backend: a request at a time, its answer parsed as strictly as requests are. */
export class BackendConnection implements BackendSide, SocketUser {
  readonly route: Route;
  uses = 0;
  /** Monotonic milliseconds. */
  readonly createdAt = monotonic();
  idleSince = this.createdAt;
  /** Not to be used from this instant on. */
  expiresAt = Number.POSITIVE_INFINITY;
  readonly #socket: Socket;
  readonly #progress: WriteProgress;
  /** Host of the request before, which the next one mostly has too, and what stands between the target and the fields with it. */
  #host: string | null = null;
  #afterTarget = '';
  #phase: Phase = 'idle';
  #user: BackendUser | null = null;
  /** Of the request: what goes out with the next flush, and whether its body is framed by chunks. */
  #gathered = '';
  #chunked = false;
  #full = false;
  /** Part of a head. */
  #pending: Buffer | null = null;
  #head: ParsedResponse | null = null;
  #remaining = 0;
  /** Bytes of a body whose length was not known beforehand. */
  #unmeasured = 0;
  /** Something has come since the request was sent. */
  #heard = false;
  #decoder: ChunkDecoder | null = null;
  #lastActivity = this.createdAt;
  #paused = false;
  /** The backend takes no more of the request; its answer may still come. */
  #unwritable: string | null = null;
  readonly #deadline: Deadline;
  readonly #owner: ConnectionOwner;
  readonly #limits: Limits;
  readonly #timeouts: Timeouts;
  readonly #form: RequestForm;

  constructor(
    socket: Socket,
    route: Route,
    owner: ConnectionOwner,
    limits: Limits,
    timeouts: Timeouts,
    form: RequestForm,
  ) {
    this.route = route;
    this.#form = form;
    this.#socket = socket;
    this.#progress = new WriteProgress(socket);
    this.#owner = owner;
    this.#limits = limits;
    this.#timeouts = timeouts;
    this.#deadline = new Deadline(() => this.#expired());
    socket.start(this);
  }

  get activeAt(): number {
    return this.#lastActivity;
  }

  get reusable(): boolean {
    return this.#phase === 'idle';
  }

  attach(user: BackendUser): void {
    this.uses++;
    this.#user = user;
    this.#phase = 'head';
    this.#heard = false;
  }

  release(): void {
    if (this.#phase !== 'idle') return;
    this.#lastActivity = monotonic();
    this.idleSince = this.#lastActivity;
    this.#owner.idle(this);
  }

  destroy(): void {
    this.#user = null;
    this.#close();
  }

  // The request

  requestHead(method: string, target: string, host: string, lines: string, framed: boolean): void {
    const { prefix, own } = this.#form;
    this.#chunked = !framed;
    if (host !== this.#host) {
      // A copy: the text may be a slice that keeps a whole request head alive.
      this.#host = flat(host);
      this.#afterTarget = flat(` HTTP/1.1\r\nHost: ${host}\r\n${own}`);
    }
    const end = framed ? '\r\n' : 'Transfer-Encoding: chunked\r\n\r\n';
    this.#gathered = `${method} ${prefix}${target}${this.#afterTarget}${lines}${end}`;
  }

  requestData(bytes: Buffer): boolean {
    const { length } = bytes;
    if (this.#gathered.length + length <= stringBytes) {
      const text = latin1(bytes, 0, length);
      this.#gathered += this.#chunked ? `${length.toString(16)}\r\n${text}\r\n` : text;
      return !this.#full;
    }
    const before = this.#chunked ? `${this.#gathered}${length.toString(16)}\r\n` : this.#gathered;
    this.#gathered = this.#chunked ? '\r\n' : '';
    this.#wrote(this.#socket.write(before, bytes));
    return !this.#full;
  }

  requestEnd(trailers: string): void {
    if (this.#chunked) this.#gathered += `0\r\n${trailers}\r\n`;
    this.#chunked = false;
    // Nothing more is written that would begin the wait for the answer.
    if (this.#gathered === '') this.#watch();
  }

  requestFlush(): void {
    if (this.#gathered === '') return;
    const text = this.#gathered;
    this.#gathered = '';
    this.#wrote(this.#socket.writeText(text));
  }

  /** A backend that takes request bytes is not idle. */
  #wrote(more: boolean): void {
    if (!more) this.#full = true;
    this.#lastActivity = monotonic();
    this.#progress.begin(this.#lastActivity);
    this.#watch();
  }

  lingers(): void {
    this.#progress.begin(monotonic());
    this.#watch();
  }

  drained(): void {
    this.#full = false;
    this.#lastActivity = monotonic();
    this.#user?.backendDrained();
  }

  broken(code: string): void {
    // What the backend sent before it closed stands in the kernel's queue: perhaps its answer, and then the error.
    this.#unwritable = code;
    if (this.#user === null) this.#close();
    else this.resume();
  }

  // The answer

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastActivity = monotonic();
    this.#socket.resume();
    this.#watch();
  }

  received(bytes: Buffer): void {
    this.#lastActivity = monotonic();
    const user = this.#user;
    if (user === null) {
      // Nobody asked: a backend that speaks first cannot be trusted with the next request.
      this.#close();
      return;
    }
    this.#heard = true;
    let input = bytes;
    if (this.#pending !== null) {
      input = Buffer.concat([this.#pending, bytes]);
      this.#pending = null;
    }
    const begins = this.#phase === 'head';
    let at = 0;
    while (this.#phase === 'head' && at >= 0) at = this.#readHead(user, input, at);
    if (this.#phase === 'body' && at >= 0) this.#readBody(user, input, at);
    // The silence that is allowed from here on may be a shorter one.
    if (begins && this.#phase === 'body') this.#watch();
    if (this.#user !== user || user.flush()) return;
    if (this.#unwritable !== null) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** Index after the head; -1 when it is not whole, or was refused. */
  #readHead(user: BackendUser, input: Buffer, at: number): number {
    const end = endOfHead(input, at);
    const { headBytes } = this.#limits;
    if ((end < 0 ? input.length : end) - at > headBytes) {
      this.#fail('protocol', `the head of the answer is larger than ${headBytes} bytes`);
      return -1;
    }
    if (end < 0) {
      this.#pending = Buffer.from(input.subarray(at));
      return -1;
    }
    const head = parseResponse(input, at, end, this.#limits.headerCount, user.toHead);
    if (typeof head === 'string') {
      this.#fail('protocol', head);
      return -1;
    }
    if (head.status === 101) {
      this.#switch(user, head, input.subarray(end));
      return -1;
    }
    if (head.status < 200) {
      user.interim(head);
      return end < input.length ? end : -1;
    }
    if (head.status === 407 && this.#form.proxy !== null) {
      this.#fail('proxy', `the proxy ${this.#form.proxy.label}: it wants other credentials (407)`);
      return -1;
    }
    if (head.framing === 'length' && this.#exceeds(head.length)) return -1;
    this.#head = head;
    this.#phase = 'body';
    this.#remaining = head.length;
    this.#unmeasured = 0;
    this.#decoder = head.framing === 'chunked' ? new ChunkDecoder(this.#limits.chunkExtensionBytes) : null;
    user.answerHead(head);
    return end;
  }

  /** The user takes the connection over, or it has been cheated. */
  #switch(user: BackendUser, head: ParsedResponse, late: Buffer): void {
    this.#phase = 'tunnel';
    this.#user = null;
    wheel.disarm(this.#deadline);
    const refused = user.switched(head, this.#socket, late);
    if (refused === null) return;
    this.#phase = 'head';
    this.#user = user;
    this.#fail('protocol', refused);
  }

  #readBody(user: BackendUser, input: Buffer, at: number): void {
    const head = this.#head as ParsedResponse;
    switch (head.framing) {
      case 'none':
        this.#complete(user, '', at < input.length);
        break;
      case 'length': {
        const end = Math.min(input.length, at + this.#remaining);
        if (end > at) user.answerData(input, at, end);
        this.#remaining -= end - at;
        if (this.#remaining === 0) this.#complete(user, '', end < input.length);
        break;
      }
      case 'close':
        this.#unmeasured += input.length - at;
        if (this.#exceeds(this.#unmeasured)) return;
        if (at < input.length) user.answerData(input, at, input.length);
        break;
      case 'chunked':
        this.#readChunks(user, input, at);
        break;
    }
  }

  #readChunks(user: BackendUser, input: Buffer, from: number): void {
    const decoder = this.#decoder as ChunkDecoder;
    let at = from;
    for (;;) {
      const step = decoder.step(input, at);
      at = decoder.at;
      if (step === 'data') {
        this.#unmeasured += decoder.dataEnd - decoder.dataStart;
        if (this.#exceeds(this.#unmeasured)) return;
        user.answerData(input, decoder.dataStart, decoder.dataEnd);
      } else if (step === 'end') {
        this.#complete(user, decoder.trailers, at < input.length);
        return;
      } else if (step === 'bad') {
        this.#fail('protocol', decoder.error);
        return;
      } else return;
    }
  }

  /** Fails, and returns true, when a body of this many bytes is more than an answer may have (wso2-gateway.md 2.2). */
  #exceeds(length: number): boolean {
    const { bodyBytes } = this.#limits;
    if (bodyBytes === 0 || length <= bodyBytes) return false;
    this.#fail('response-too-large', `the body of the answer is larger than ${bodyBytes} bytes`, null, bodyBytes);
    return true;
  }

  /** `surplus` says that bytes came after the answer: such a connection is not used again. */
  #complete(user: BackendUser, trailers: string, surplus: boolean): void {
    const head = this.#head as ParsedResponse;
    this.#user = null;
    this.#head = null;
    this.#decoder = null;
    this.#phase = 'idle';
    if (head.keepAliveSeconds >= 0) this.expiresAt = monotonic() + head.keepAliveSeconds * 1000;
    if (!head.keepAlive || surplus || this.#unwritable !== null) this.#close();
    // The client may have stopped it a moment before: under TLS what was read by then still comes. Nobody else would read on.
    this.resume();
    user.answerEnd(trailers);
  }

  // Deadlines: one entry on the wheel, looked at in time; looking early is harmless

  #watch(): void {
    let due = this.#nextDue();
    if (due === Number.POSITIVE_INFINITY) return;
    if (this.#socket.queued > 0) due = Math.min(due, monotonic() + progressLookMillis);
    if (!this.#deadline.armed || this.#deadline.due > due) wheel.armAt(this.#deadline, due);
  }

  #nextDue(): number {
    return Math.min(this.#answerDue, this.#silenceDue());
  }

  get #answerDue(): number {
    return this.#phase === 'head' && this.#user ? this.#user.answerDue : Number.POSITIVE_INFINITY;
  }

  /** The silence that is waited for to end; null while it is the client that keeps the backend waiting. */
  #silence(): Silence | null {
    if (this.#phase === 'body') return silences.answer;
    if (this.#phase !== 'head' || this.#user === null) return null;
    if (this.#socket.queued > 0) return silences.write;
    return this.#user.bodyComplete ? silences.firstByte : null;
  }

  #silenceDue(): number {
    const silence = this.#silence();
    const allowed = silence === null ? 0 : this.#timeouts[silence.timeout];
    return allowed > 0 ? this.#lastActivity + allowed : Number.POSITIVE_INFINITY;
  }

  #expired(): void {
    if (this.#phase === 'idle') return;
    const now = monotonic();
    // Taking request bytes, or being kept from sending answer bytes, is not idling.
    if (this.#paused || (this.#socket.queued > 0 && this.#progress.look(now))) this.#lastActivity = now;
    const due = this.#nextDue();
    if (now < due) {
      this.#watch();
      return;
    }
    const silence = this.#silence();
    // The earliest is named, however late this process looks.
    if (silence === null || due === this.#answerDue) this.#fail('timeout', 'no answer in time');
    else this.#fail('socket-timeout', ...tellSilence(silence, this.#timeouts));
  }

  // Ending

  ended(): void {
    if (this.#phase === 'body' && this.#head?.framing === 'close' && this.#user) {
      const user = this.#user;
      this.#complete(user, '', false);
      return;
    }
    if (this.#unwritable !== null) this.#fail('reset', this.#unwritable);
    else this.#fail('closed', 'the backend closed the connection');
  }

  closed(code: string | null): void {
    if (code === null) this.#fail('closed', 'the backend closed the connection');
    else this.#fail('reset', code);
  }

  #fail(kind: FaultKind, message: string, deadline: BackendFailure['deadline'] = null, limit?: number): void {
    if (this.#phase === 'closed') return;
    const user = this.#user;
    const failure: BackendFailure = {
      kind,
      message,
      answering: this.#phase === 'body',
      heard: this.#heard,
      deadline,
      ...(limit === undefined ? {} : { limit }),
    };
    this.#user = null;
    this.#close();
    user?.backendFailed(failure);
  }

  #close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#pending = null;
    this.#gathered = '';
    wheel.disarm(this.#deadline);
    this.#socket.destroy();
    this.#owner.closed(this);
  }
}
