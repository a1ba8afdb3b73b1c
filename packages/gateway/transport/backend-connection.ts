import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { FaultKind, Route } from './call.ts';
import { ChunkDecoder } from './chunks.ts';
import type { Limits, Timeouts } from './options.ts';
import { type ParsedResponse, parseResponse } from './response-head.ts';

/** Who a connection works for: gets the answer as it arrives, or the break. */
export interface BackendUser {
  /** HEAD: the answer has no body whatever its head says. */
  readonly toHead: boolean;
  /** All of the request has been handed over: until then it is the client that keeps the backend waiting. */
  readonly bodyComplete: boolean;
  /** Monotonic milliseconds at which the answer's first byte is due at the latest, endpoint or global. */
  readonly answerDue: number;
  /** 1xx other than 101. */
  interim(head: ParsedResponse): void;
  answerHead(head: ParsedResponse): void;
  /** A piece of the body; the bytes are only valid during the call. */
  answerData(bytes: Buffer, start: number, end: number): void;
  answerEnd(trailers: string): void;
  /** Called at the end of every read that brought something. Returns false when the client cannot take more for now. */
  flush(): boolean;
  backendDrained(): void;
  /** The connection is gone or unusable; `answered` tells whether any byte of a final answer had arrived. */
  backendFailed(failure: BackendFailure): void;
}

export interface BackendFailure {
  readonly kind: FaultKind;
  readonly message: string;
  /** Bytes of a final answer had arrived. */
  readonly answering: boolean;
  readonly deadline: { readonly name: string; readonly value: number; readonly setting: string } | null;
}

/** What a connection tells its pool. */
export interface ConnectionOwner {
  connected(connection: BackendConnection): void;
  /** It never came to be. */
  connectFailed(connection: BackendConnection, failure: BackendFailure): void;
  idle(connection: BackendConnection): void;
  closed(connection: BackendConnection): void;
}

/** Reads of all plain connections go through one buffer: a callback is synchronous, and what must stay is copied. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** How often is looked whether a peer that has bytes to take has taken some. */
export const progressLookMillis = 32;

type Phase = 'connecting' | 'idle' | 'head' | 'body' | 'closed';

/** One connection to a backend: a request at a time, its answer parsed as strictly as requests are. */
export class BackendConnection {
  readonly socket: Socket;
  readonly route: Route;
  /** Requests that were sent on it. */
  uses = 0;
  /** Monotonic milliseconds. */
  readonly createdAt = performance.now();
  idleSince = 0;
  /** Not to be used from this instant on. */
  expiresAt = Number.POSITIVE_INFINITY;
  #phase: Phase = 'connecting';
  #user: BackendUser | null = null;
  #pending: Buffer | null = null;
  #head: ParsedResponse | null = null;
  #remaining = 0;
  #decoder: ChunkDecoder | null = null;
  #paused = false;
  #lastActivity = performance.now();
  #progress = 0;
  readonly #deadline: Deadline;
  readonly #owner: ConnectionOwner;
  readonly #limits: Limits;
  readonly #timeouts: Timeouts;

  constructor(route: Route, owner: ConnectionOwner, limits: Limits, timeouts: Timeouts) {
    this.route = route;
    this.#owner = owner;
    this.#limits = limits;
    this.#timeouts = timeouts;
    this.#deadline = new Deadline(() => this.#expired());
    this.socket = this.#open();
    this.socket.setNoDelay(true);
    this.socket.on('drain', () => {
      this.#lastActivity = performance.now();
      this.#user?.backendDrained();
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.#failed(error));
    this.socket.on('end', () => this.#ended());
    this.socket.on('close', () => this.#closedByPeer());
    const connectTimeout = timeouts.connect || timeouts.socket;
    if (connectTimeout > 0) wheel.arm(this.#deadline, connectTimeout);
  }

  get reusable(): boolean {
    return this.#phase === 'idle' && !this.socket.destroyed;
  }

  /** Gives the connection to `user`, who writes the request to `socket`. */
  attach(user: BackendUser): void {
    this.uses++;
    this.#user = user;
    this.#phase = 'head';
    this.#lastActivity = performance.now();
    this.#watch();
  }

  /** Tells that request bytes are written: a backend that takes them is not idle. `blocked` says that it has yet to take some. */
  wrote(blocked: boolean): void {
    this.#lastActivity = performance.now();
    if (blocked || this.#user?.bodyComplete) this.#watch();
  }

  /** Reads on after `flush` returned false. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#lastActivity = performance.now();
    this.socket.resume();
    this.#watch();
  }

  /** Leaves the user and ends the connection. */
  destroy(): void {
    this.#user = null;
    this.#close();
  }

  #open(): Socket {
    const { host, port, tls } = this.route;
    if (tls === null) {
      const socket = connect({
        host,
        port,
        onread: {
          buffer: readBuffer,
          callback: (length: number) => this.#read(readBuffer.subarray(0, length), false),
        },
      });
      socket.once('connect', () => this.#connected());
      return socket;
    }
    const lenient = tls.verify === 'allow-all' || (tls.verify === 'default-and-localhost' && isLocalhost(host));
    const socket = connectTls({
      host,
      port,
      servername: isAddress(tls.serverName) ? '' : tls.serverName,
      ALPNProtocols: ['http/1.1'],
      ...(tls.trusted ? { ca: [...tls.trusted] } : {}),
      ...(lenient ? { checkServerIdentity: () => undefined } : {}),
    });
    socket.once(
      'connect',
      () => this.#timeouts.tlsHandshake > 0 && wheel.arm(this.#deadline, this.#timeouts.tlsHandshake),
    );
    socket.once('secureConnect', () => this.#connected());
    socket.on('data', (bytes: Buffer) => {
      if (!this.#read(bytes, true)) socket.pause();
    });
    return socket;
  }

  #connected(): void {
    if (this.#phase !== 'connecting') return;
    this.#phase = 'idle';
    this.#lastActivity = performance.now();
    wheel.disarm(this.#deadline);
    this.#owner.connected(this);
  }

  /** Takes what arrived; false stops reading until `resume`. `owned` says that the bytes may be kept. */
  #read(bytes: Buffer, owned: boolean): boolean {
    this.#lastActivity = performance.now();
    const user = this.#user;
    if (user === null) {
      // Nobody asked: a backend that speaks first cannot be trusted with the next request.
      this.#close();
      return true;
    }
    let input = bytes;
    if (this.#pending !== null) {
      input = Buffer.concat([this.#pending, bytes]);
      this.#pending = null;
    }
    let at = 0;
    while (this.#phase === 'head' && at >= 0) at = this.#readHead(user, input, at, owned || input !== bytes);
    if (this.#phase === 'body' && at >= 0) this.#readBody(user, input, at);
    if (user.flush()) return true;
    this.#paused = this.#user === user;
    return !this.#paused;
  }

  /** Index after the head; -1 when it is not whole, or was refused. */
  #readHead(user: BackendUser, input: Buffer, at: number, owned: boolean): number {
    const mark = input.indexOf('\r\n\r\n', at, 'latin1');
    const { headBytes } = this.#limits;
    if ((mark < 0 ? input.length : mark + 4) - at > headBytes) {
      this.#fail('protocol', `the head of the answer is larger than ${headBytes} bytes`);
      return -1;
    }
    if (mark < 0) {
      const rest = input.subarray(at);
      this.#pending = owned ? rest : Buffer.from(rest);
      return -1;
    }
    const end = mark + 4;
    const head = parseResponse(input, at, end, this.#limits.headerCount, user.toHead);
    if (typeof head === 'string' || head.status === 101) {
      this.#fail(
        'protocol',
        typeof head === 'string' ? head : 'the backend switches protocols though nobody asked it to',
      );
      return -1;
    }
    if (head.status < 200) {
      user.interim(head);
      return end < input.length ? end : -1;
    }
    this.#head = head;
    this.#phase = 'body';
    this.#remaining = head.length;
    this.#decoder = head.framing === 'chunked' ? new ChunkDecoder(this.#limits.chunkExtensionBytes) : null;
    user.answerHead(head);
    return end;
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
      if (step === 'data') user.answerData(input, decoder.dataStart, decoder.dataEnd);
      else if (step === 'end') {
        this.#complete(user, decoder.trailers, at < input.length);
        return;
      } else if (step === 'bad') {
        this.#fail('protocol', decoder.error);
        return;
      } else return;
    }
  }

  /** `surplus` says that bytes came after the answer: such a connection is not used again. */
  #complete(user: BackendUser, trailers: string, surplus: boolean): void {
    const head = this.#head as ParsedResponse;
    this.#user = null;
    this.#head = null;
    this.#decoder = null;
    this.#phase = 'idle';
    if (head.keepAliveSeconds >= 0) this.expiresAt = performance.now() + head.keepAliveSeconds * 1000;
    if (!head.keepAlive || surplus) this.#close();
    user.answerEnd(trailers);
  }

  /** Hands the connection back once request and answer are both over. */
  release(): void {
    if (this.#phase !== 'idle' || this.socket.destroyed) return;
    this.#lastActivity = performance.now();
    this.idleSince = this.#lastActivity;
    this.#owner.idle(this);
  }

  /** Arms the one deadline of the connection so that it is looked at in time; looking early is harmless. */
  #watch(): void {
    let due = this.#nextDue();
    if (due === Number.POSITIVE_INFINITY) return;
    if (this.socket.writableLength > 0) due = Math.min(due, performance.now() + progressLookMillis);
    if (!this.#deadline.armed || this.#deadline.due > due) wheel.armAt(this.#deadline, due);
  }

  #nextDue(): number {
    const inactive = this.#timeouts.socket > 0 ? this.#lastActivity + this.#timeouts.socket : Number.POSITIVE_INFINITY;
    if (this.#phase === 'head' && this.#user) {
      const waits = this.#user.bodyComplete || this.socket.writableLength > 0;
      return waits ? Math.min(this.#user.answerDue, inactive) : this.#user.answerDue;
    }
    return this.#phase === 'body' ? inactive : Number.POSITIVE_INFINITY;
  }

  #expired(): void {
    const now = performance.now();
    if (this.#phase === 'connecting') {
      const tls = this.route.tls !== null && !this.socket.connecting;
      const name = tls ? 'tls-handshake' : 'connect';
      const value = tls ? this.#timeouts.tlsHandshake : this.#timeouts.connect || this.#timeouts.socket;
      const setting = tls ? 'transport.tls_handshake_timeout' : 'http.connection.timeout';
      this.#fail('connect-timeout', `no connection within ${value} ms`, { name, value, setting });
      return;
    }
    if (this.#phase === 'idle') return;
    if (this.#phase === 'head' && this.#user && now >= this.#user.answerDue) {
      this.#fail('timeout', 'no answer in time');
      return;
    }
    // Taking request bytes, or being kept from sending answer bytes, is not idling.
    const progress = this.socket.bytesWritten - this.socket.writableLength;
    if (this.#paused || (progress !== this.#progress && this.socket.writableLength > 0)) this.#lastActivity = now;
    this.#progress = progress;
    if (now < this.#nextDue()) {
      this.#watch();
      return;
    }
    const name = this.#phase === 'head' ? 'first-byte' : 'backend-body-idle';
    const value = this.#timeouts.socket;
    this.#fail('socket-timeout', `the backend was silent for ${value} ms`, {
      name,
      value,
      setting: 'http.socket.timeout',
    });
  }

  #ended(): void {
    if (this.#phase === 'body' && this.#head?.framing === 'close' && this.#user) {
      const user = this.#user;
      this.#complete(user, '', false);
      user.flush();
      return;
    }
    this.#fail('closed', 'the backend closed the connection');
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#phase !== 'connecting') {
      this.#fail('reset', error.code ?? error.message);
      return;
    }
    const code = error.code ?? '';
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') this.#fail('dns', `${this.route.host} has no address (${code})`);
    else if (code === 'ETIMEDOUT') this.#fail('connect-timeout', 'the operating system gave up connecting');
    else if (this.route.tls !== null && !this.socket.connecting && code !== 'ECONNREFUSED')
      this.#fail('tls', error.message);
    else this.#fail('connect-refused', code || error.message);
  }

  #closedByPeer(): void {
    if (this.#phase !== 'closed') this.#fail('closed', 'the backend closed the connection');
  }

  #fail(kind: FaultKind, message: string, deadline: BackendFailure['deadline'] = null): void {
    if (this.#phase === 'closed') return;
    const user = this.#user;
    const connecting = this.#phase === 'connecting';
    const failure: BackendFailure = { kind, message, answering: this.#phase === 'body', deadline };
    this.#user = null;
    this.#close();
    if (connecting) this.#owner.connectFailed(this, failure);
    else user?.backendFailed(failure);
  }

  #close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#pending = null;
    wheel.disarm(this.#deadline);
    this.socket.destroy();
    this.#owner.closed(this);
  }
}

function isAddress(name: string): boolean {
  return /^[\d.]+$/.test(name) || name.includes(':');
}

function isLocalhost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '127.0.0.1' || host.startsWith('localhost.');
}
