import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { monotonic } from '../../deadlines/clock.ts';
import { Deadline, wheel } from '../../deadlines/wheel.ts';
import type { Http2Options } from '../options.ts';
import type { Reception } from '../reception.ts';
import { ClientStream } from './client-stream.ts';
import { ErrorCode } from './error-code.ts';
import type { RawFields } from './field-block.ts';
import { http2 } from './module.ts';

/** Milliseconds over which resets are counted. */
const resetWindow = 10_000;
/** More than fit into what is read at once. */
const resetsPerRead = 10_000;
const endStreamFlag = 0x1;
/** How long a connection may take to end at most: nothing is lost with it, and a drain waits. */
const farewellMillis = 1000;

/** A client's HTTP/2 connection: each stream is a call. */
export class ClientSession {
  readonly reception: Reception;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  readonly #socket: TLSSocket;
  readonly #session: ServerHttp2Session;
  readonly #options: Http2Options;
  readonly #streams = new Set<ClientStream>();
  readonly #deadline = new Deadline(() => this.#expired());
  /** The client's preface has come. */
  #greeted = false;
  #closing = false;
  #over = false;
  #resets = 0;
  #resetsSince = 0;

  constructor(
    socket: TLSSocket,
    remoteAddress: string,
    remotePort: number,
    options: Http2Options,
    reception: Reception,
  ) {
    this.reception = reception;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.localPort = reception.port;
    this.#options = options;
    const { limits, timeouts } = reception.backends;
    // Who sends no more does not say either how much of an answer he takes.
    socket.allowHalfOpen = false;
    this.#socket = socket;
    this.#session = http2().performServerHandshake(socket, {
      settings: {
        maxConcurrentStreams: options.maxStreams,
        maxHeaderListSize: 2 * limits.headBytes,
        enablePush: false,
      },
      // Somewhat more than is taken, so that the refusal can be an answer.
      maxHeaderListPairs: 2 * limits.headerCount + 8,
      maxSendHeaderBlockLength: 2 * limits.headBytes,
      // nghttp2 has a bound of its own, and ends the connection with another word.
      streamResetBurst: options.maxResets + resetsPerRead,
      streamResetRate: options.maxResets,
      strictSingleValueFields: false,
    });
    this.#session.on('stream', (stream, _headers, flags, raw) =>
      this.#opened(stream, flags, raw as unknown as RawFields),
    );
    this.#session.once('remoteSettings', () => this.#greet());
    this.#session.on('goaway', () => this.#close());
    this.#session.on('error', () => {});
    this.#session.on('close', () => this.#closed());
    reception.arrived(this);
    if (timeouts.clientHead > 0) wheel.arm(this.#deadline, timeouts.clientHead);
    if (reception.draining) this.drain();
  }

  get busy(): boolean {
    return this.#streams.size > 0;
  }

  /**
   * Takes no further calls and ends after those on their way. No grace is needed: a call that crosses with the GOAWAY is none that was begun, as
   * the client sees from it (RFC 9113 section 6.8).
   */
  drain(): void {
    if (!this.#over) this.#close();
  }

  /** Ends the connection and the calls on it at once. */
  abandon(): void {
    for (const stream of [...this.#streams]) stream.abandon();
    this.#end();
  }

  streamClosed(stream: ClientStream, broken: boolean): void {
    if (!this.#streams.delete(stream)) return;
    if (broken) this.#countReset();
    if (this.#streams.size === 0) this.#becomeIdle();
  }

  #opened(stream: ServerHttp2Stream, flags: number, raw: RawFields): void {
    // The client may have so many open; more than twice as many were opened and reset faster than anybody could see them.
    if (this.#streams.size >= 2 * this.#options.maxStreams) {
      this.#calm();
      return;
    }
    wheel.disarm(this.#deadline);
    const one = new ClientStream(stream, (flags & endStreamFlag) !== 0, this);
    this.#streams.add(one);
    one.begin(raw);
  }

  /** Streams that break cost much and the client nothing (CVE-2023-44487): it may break so many and no more. */
  #countReset(): void {
    const now = monotonic();
    if (now - this.#resetsSince > resetWindow) {
      this.#resetsSince = now;
      this.#resets = 0;
    }
    if (++this.#resets > this.#options.maxResets) this.#calm();
  }

  #calm(): void {
    if (!this.#session.destroyed) this.#session.destroy(new Error('too many resets'), ErrorCode.enhanceYourCalm);
  }

  #greet(): void {
    this.#greeted = true;
    if (this.#streams.size === 0) this.#becomeIdle();
  }

  #becomeIdle(): void {
    if (this.#over) return;
    const { keepAliveIdle, discard } = this.reception.backends.timeouts;
    // Whoever does not read does not take the farewell either.
    const rest = this.#closing ? Math.min(discard || farewellMillis, farewellMillis) : keepAliveIdle;
    if (rest > 0) wheel.arm(this.#deadline, rest);
  }

  #close(): void {
    this.#closing = true;
    this.#session.close();
    if (this.#streams.size === 0) this.#becomeIdle();
  }

  #expired(): void {
    if (this.#streams.size > 0) return;
    if (!this.#greeted || this.#closing) this.#end();
    else this.#close();
  }

  #end(): void {
    this.#session.destroy();
    // A session that was to end in order waits for the client to close its side.
    this.#socket.destroy();
    this.#closed();
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    wheel.disarm(this.#deadline);
    this.reception.left(this);
  }
}
