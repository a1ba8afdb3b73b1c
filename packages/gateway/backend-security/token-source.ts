import type { Log } from '@sluice/model';
import { monotonic } from '../deadlines/clock.ts';
import { Deadline, wheel } from '../deadlines/wheel.ts';
import { OwnRequestError } from '../transport/own-request.ts';
import { type Granted, type NotGranted, readTokenAnswer } from './token-answer.ts';
import { form, type TokenCredentials } from './token-credentials.ts';

/** Sends one form to the token endpoint. Rejects with `OwnRequestError`. */
export type TokenExchange = (body: string) => Promise<{ readonly status: number; readonly body: Buffer }>;

/** Why there is no token. */
export interface TokenFailure {
  readonly cause: 'unreachable' | 'timeout' | 'refused' | 'unusable' | 'paused';
  readonly detail: string;
  /** Seconds after which it is asked again; undefined when the next call asks. */
  readonly retryAfter?: number;
}

/** Who waits for a token; one of the two is called, once, and not before `wait` returns. */
export interface TokenWaiter {
  tokenCame(token: string): void;
  tokenFailed(failure: TokenFailure): void;
  /** One of them threw. */
  abort(): void;
}

/** A token is renewed when less than this much of its life is left, while the calls go on with it. */
const renewalShare = 0.1;
const longestRenewal = 60_000;

/** The breaker: after one failure the next call asks again; from the second on there are pauses, each twice as long. Milliseconds. */
const firstPause = 1000;
const longestPause = 30_000;

/** A new token that the backend refused at once is no reason to fetch further ones: not before this has passed. */
const refusalPause = 1000;

/** Tokens for one set of credentials: fetched by one request at a time, whoever waits. */
export class TokenSource {
  readonly credentials: TokenCredentials;
  readonly #exchange: TokenExchange;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #waiting = new Map<TokenWaiter, Deadline>();
  #token: string | null = null;
  /** Monotonic milliseconds. */
  #expires = 0;
  #renewFrom = 0;
  #refreshToken: string | null = null;
  #fetching = false;
  #failures = 0;
  #pausedUntil = 0;
  #lastFailure = '';
  #refusedAt = Number.NEGATIVE_INFINITY;

  /** `now` gives monotonic milliseconds. */
  constructor(credentials: TokenCredentials, exchange: TokenExchange, log: Log, now: () => number = monotonic) {
    this.credentials = credentials;
    this.#exchange = exchange;
    this.#log = log;
    this.#now = now;
  }

  /** The token that is valid now; null when there is none. Near its end another one is fetched beside. */
  current(): string | null {
    const now = this.#now();
    if (this.#token === null || now >= this.#expires) return null;
    if (now >= this.#renewFrom && now >= this.#pausedUntil) this.#fetch();
    return this.#token;
  }

  /** Calls back when a token has come, or when there will be none. */
  wait(waiter: TokenWaiter): void {
    const now = this.#now();
    if (!this.#fetching && now < this.#pausedUntil) {
      const retryAfter = Math.ceil((this.#pausedUntil - now) / 1000);
      const detail = `it is not asked again for now, since it failed ${this.#failures} times: ${this.#lastFailure}`;
      process.nextTick(() => this.#tell(waiter, { cause: 'paused', detail, retryAfter }));
      return;
    }
    const deadline = new Deadline(() => this.#waitedTooLong(waiter));
    this.#waiting.set(waiter, deadline);
    wheel.arm(deadline, this.credentials.timeouts.wait);
    this.#fetch();
  }

  /** The backend refused `token`. True when another one is worth asking for. */
  refused(token: string): boolean {
    if (token !== this.#token) return true;
    if (this.#now() - this.#refusedAt < refusalPause) return false;
    this.#token = null;
    return true;
  }

  /** The backend refused a token that had just been fetched because it refused another one. */
  refusedAnew(): void {
    this.#refusedAt = this.#now();
  }

  #fetch(): void {
    if (this.#fetching) return;
    this.#fetching = true;
    void this.#fetchOnce();
  }

  async #fetchOnce(): Promise<void> {
    const began = this.#now();
    let outcome: Granted | TokenFailure;
    try {
      outcome = await this.#ask();
    } catch (error) {
      outcome = unreachable(error);
    }
    this.#fetching = false;
    if ('token' in outcome) this.#granted(outcome, began);
    else this.#failed(outcome);
  }

  /** By the refresh token where there is one; where that is no longer taken, from the beginning. */
  async #ask(): Promise<Granted | TokenFailure> {
    const { custom, grant } = this.credentials;
    if (this.#refreshToken !== null) {
      const renewal = form({ grant_type: 'refresh_token', refresh_token: this.#refreshToken });
      this.#refreshToken = null;
      const renewed = await this.#send(joined(renewal, custom));
      if ('token' in renewed || !renewed.refused) return asFailure(renewed);
    }
    return asFailure(await this.#send(joined(grant, custom)));
  }

  async #send(body: string): Promise<Granted | NotGranted> {
    const answer = await this.#exchange(body);
    return readTokenAnswer(answer.status, answer.body);
  }

  #granted({ token, lifetime, refreshToken }: Granted, began: number): void {
    if (this.#failures > 1) this.#log.info('Tokens for a backend come again', { from: this.credentials.place });
    this.#failures = 0;
    this.#pausedUntil = 0;
    this.#token = token;
    this.#expires = began + lifetime;
    this.#renewFrom = this.#expires - Math.min(lifetime * renewalShare, longestRenewal);
    this.#refreshToken = refreshToken;
    for (const waiter of this.#takeWaiting()) this.#tell(waiter, token);
  }

  #failed(failure: TokenFailure): void {
    this.#failures++;
    this.#lastFailure = failure.detail;
    const pause = this.#failures < 2 ? 0 : Math.min(firstPause * 2 ** (this.#failures - 2), longestPause);
    this.#pausedUntil = this.#now() + pause;
    const { cause, detail } = failure;
    this.#log.warn('No token for a backend', { from: this.credentials.place, cause, detail, failures: this.#failures });
    const told = pause === 0 ? failure : { ...failure, retryAfter: Math.ceil(pause / 1000) };
    for (const waiter of this.#takeWaiting()) this.#tell(waiter, told);
  }

  #takeWaiting(): TokenWaiter[] {
    const waiters = [...this.#waiting.keys()];
    for (const deadline of this.#waiting.values()) wheel.disarm(deadline);
    this.#waiting.clear();
    return waiters;
  }

  #waitedTooLong(waiter: TokenWaiter): void {
    this.#waiting.delete(waiter);
    this.#tell(waiter, { cause: 'timeout', detail: `it gave none within ${this.credentials.timeouts.wait} ms` });
  }

  /** A defect in one call must not keep the others waiting. */
  #tell(waiter: TokenWaiter, outcome: string | TokenFailure): void {
    try {
      if (typeof outcome === 'string') waiter.tokenCame(outcome);
      else waiter.tokenFailed(outcome);
    } catch (error) {
      this.#log.error('A call failed inside the gateway', { error });
      waiter.abort();
    }
  }
}

function joined(one: string, other: string): string {
  return other === '' ? one : `${one}&${other}`;
}

function asFailure(outcome: Granted | NotGranted): Granted | TokenFailure {
  if ('token' in outcome) return outcome;
  return { cause: outcome.refused ? 'refused' : 'unusable', detail: outcome.detail };
}

function unreachable(error: unknown): TokenFailure {
  if (!(error instanceof OwnRequestError)) return { cause: 'unusable', detail: 'it could not be asked' };
  if (error.kind === 'timeout' || error.kind === 'connect-timeout') return { cause: 'timeout', detail: error.message };
  return { cause: error.kind === 'response-too-large' ? 'unusable' : 'unreachable', detail: error.message };
}
