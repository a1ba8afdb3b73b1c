import { Deadline, wheel } from '../deadlines/wheel.ts';
import type { Backends, Borrower } from './backend-pool.ts';
import type { FaultKind, Route } from './call.ts';
import type { ParsedResponse } from './response-head.ts';
import type { BackendFailure, BackendSide, BackendUser } from './sides.ts';

/** A request that the gateway makes for itself, over the connections, proxies and TLS that calls use. */
export interface OwnRequest {
  readonly route: Route;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  /** Header lines, `Name: value\r\n`, without the length of the body. */
  readonly lines: string;
  readonly body: Buffer;
  /** It must not be done twice, so that it is not sent again after a kept connection broke; absent sends it again. */
  readonly once?: boolean;
  /** Milliseconds until there is a connection, and from then on until all of the answer is there. */
  readonly connectTimeout: number;
  readonly answerTimeout: number;
  /** Bytes that the body of the answer may have. */
  readonly largestAnswer: number;
}

export interface OwnAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Why there is no answer. */
export class OwnRequestError extends Error {
  override readonly name = 'OwnRequestError';
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Sends a request and reads its answer whole. Rejects with `OwnRequestError` when there is none in time, or too much of it. */
export function ask(backends: Backends, request: OwnRequest): Promise<OwnAnswer> {
  return new Promise((resolve, reject) => {
    const asking = new Asking(backends, request, resolve, reject);
    asking.begin(false);
  });
}

class Asking implements Borrower, BackendUser {
  readonly toHead: boolean;
  readonly bodyComplete = true;
  readonly takesTrailers = false;
  /** Its own deadline watches over all phases. */
  readonly answerDue = Number.POSITIVE_INFINITY;
  readonly #backends: Backends;
  readonly #request: OwnRequest;
  readonly #resolve: (answer: OwnAnswer) => void;
  readonly #reject: (error: OwnRequestError) => void;
  readonly #deadline = new Deadline(() => this.#expired());
  #connection: BackendSide | null = null;
  #status = 0;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #repeated = false;
  #over = false;

  constructor(
    backends: Backends,
    request: OwnRequest,
    resolve: (answer: OwnAnswer) => void,
    reject: (error: OwnRequestError) => void,
  ) {
    this.toHead = request.method === 'HEAD';
    this.#backends = backends;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(fresh: boolean): void {
    wheel.arm(this.#deadline, this.#request.connectTimeout);
    this.#backends.borrow(this.#request.route, this, fresh);
  }

  borrowed(connection: BackendSide): void {
    const { method, target, host, lines, body, answerTimeout } = this.#request;
    this.#connection = connection;
    wheel.arm(this.#deadline, answerTimeout);
    connection.attach(this);
    connection.requestHead(method, target, host, `${lines}Content-Length: ${body.length}\r\n`, true);
    connection.requestData(body);
    connection.requestEnd('');
    connection.requestFlush();
  }

  borrowFailed(failure: BackendFailure): void {
    this.#fail(failure.kind, failure.message);
  }

  backendFailed(failure: BackendFailure): void {
    const used = this.#connection;
    this.#connection = null;
    const broken = failure.kind === 'closed' || failure.kind === 'reset';
    const stale = broken && used !== null && used.uses > 1 && failure.heard !== true && this.#request.once !== true;
    // The kept connection was given up before the request came (RFC 9112 section 9.3.1).
    if ((stale || failure.unprocessed === true) && !this.#repeated && !this.#over) {
      this.#repeated = true;
      this.begin(true);
    } else this.#fail(failure.kind, failure.message);
  }

  interim(): void {}

  answerHead(head: ParsedResponse): void {
    this.#status = head.status;
  }

  switched(): string {
    return 'it switches protocols though nobody asked it to';
  }

  answerData(bytes: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    if (!this.#tooLarge) this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
  }

  answerEnd(): void {
    const connection = this.#connection;
    this.#connection = null;
    connection?.release();
    if (this.#over) return;
    if (this.#tooLarge) {
      this.#refuseSize();
      return;
    }
    this.#over = true;
    wheel.disarm(this.#deadline);
    this.#resolve({ status: this.#status, body: Buffer.concat(this.#pieces) });
  }

  /** The end of a read, at which a connection may be given up. */
  flush(): boolean {
    if (this.#tooLarge) this.#refuseSize();
    return true;
  }

  backendDrained(): void {}

  get #tooLarge(): boolean {
    return this.#bytes > this.#request.largestAnswer;
  }

  #refuseSize(): void {
    this.#fail('response-too-large', `the answer is larger than ${this.#request.largestAnswer} bytes`);
  }

  #expired(): void {
    if (this.#connection === null) {
      this.#fail('connect-timeout', `no connection within ${this.#request.connectTimeout} ms`);
    } else this.#fail('timeout', `no whole answer within ${this.#request.answerTimeout} ms`);
  }

  #fail(kind: FaultKind, message: string): void {
    if (this.#over) return;
    this.#over = true;
    wheel.disarm(this.#deadline);
    this.#pieces = [];
    this.#connection?.destroy();
    this.#connection = null;
    this.#backends.withdraw(this.#request.route, this);
    this.#reject(new OwnRequestError(kind, message));
  }
}
