import { errors } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import type { ResponseHead } from '../transport/call.ts';
import { readChallenges } from './challenge.ts';
import type { Proof, Scheme } from './scheme.ts';
import type { TokenFailure, TokenSource, TokenWaiter } from './token-source.ts';

/** Bearer tokens (RFC 6750) that a token endpoint grants to the gateway. */
export class Bearer implements Scheme {
  readonly source: TokenSource;
  readonly #repeats: boolean;
  readonly #keepsBody: number;

  /** `repeats` sends a call again with a new token when the backend refuses the old one; up to `keepsBody` bytes of its body are kept for that. */
  constructor(source: TokenSource, repeats: boolean, keepsBody: number) {
    this.source = source;
    this.#repeats = repeats;
    this.#keepsBody = repeats ? keepsBody : 0;
  }

  begin(exchange: Exchange): Proof {
    exchange.keepsBody = Math.max(exchange.keepsBody, this.#keepsBody);
    return new BearerProof(this.source, exchange, this.#repeats);
  }
}

const rows = {
  unreachable: errors.backendTokenUnreachable,
  timeout: errors.backendTokenTimeout,
  refused: errors.backendTokenRefused,
  unusable: errors.backendTokenUnusable,
  paused: errors.backendTokenPaused,
} as const;

class BearerProof implements Proof, TokenWaiter {
  readonly #source: TokenSource;
  readonly #exchange: Exchange;
  readonly #repeats: boolean;
  /** The lines without proof. */
  readonly #lines: string;
  #token = '';
  #repeated = false;
  #goesAgain = false;

  constructor(source: TokenSource, exchange: Exchange, repeats: boolean) {
    this.#source = source;
    this.#exchange = exchange;
    this.#repeats = repeats;
    this.#lines = exchange.added;
  }

  send(): void {
    const token = this.#source.current();
    if (token === null) this.#source.wait(this);
    else this.tokenCame(token);
  }

  tokenCame(token: string): void {
    const exchange = this.#exchange;
    this.#token = token;
    exchange.added = `${this.#lines}Authorization: Bearer ${token}\r\n`;
    exchange.call.send(exchange);
  }

  tokenFailed({ cause, detail, retryAfter }: TokenFailure): void {
    const exchange = this.#exchange;
    const { call, settings, api, leaf } = exchange;
    const { place } = this.#source.credentials;
    const entry = rows[cause];
    const facts = { request: call.id, cause: entry.key, api: api?.label, endpoint: leaf?.name };
    settings.faultLog.record(Date.now(), { ...facts, tokenEndpoint: place, detail });
    fail(exchange, entry, { place, detail }, retryAfter === undefined ? {} : { retryAfter });
  }

  abort(): void {
    this.#exchange.call.abort();
  }

  /** The token is renewed once for a call. Then, or where the call cannot be repeated, its refusal is the gateway's fault if it is about the token. */
  declines(head: ResponseHead, repeatable: boolean): boolean {
    if (this.#repeated) this.#source.refusedAnew();
    const another = this.#source.refused(this.#token);
    this.#goesAgain = another && this.#repeats && !this.#repeated && repeatable;
    if (this.#goesAgain) return true;
    const challenges = readChallenges(head.header('www-authenticate') ?? '');
    return challenges.some(({ scheme }) => scheme === 'bearer');
  }

  declined(): void {
    if (this.#goesAgain) {
      this.#repeated = true;
      this.send();
      return;
    }
    fail(this.#exchange, errors.backendCredentialsRefused, { scheme: 'Bearer', backend: this.#exchange.host });
  }

  answered(): void {}
}
