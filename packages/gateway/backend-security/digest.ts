import { randomBytes } from 'node:crypto';
import { errors } from '@sluice/model';
import type { Exchange } from '../chain/exchange.ts';
import { fail } from '../chain/fault.ts';
import type { ResponseHead } from '../transport/call.ts';
import { readChallenges } from './challenge.ts';
import { chooseDigest, type DigestChallenge, type DigestUser, digestAnswer } from './digest-answer.ts';
import type { Proof, Scheme } from './scheme.ts';

/** Requests with one nonce; eight hexadecimal digits count them. */
const mostCounted = 0xffff_ffff;

/** Seconds after which a call whose body could not be sent twice may come again: the nonce is known by then. */
const retrySeconds = 1;

/** Digest authentication (RFC 7616). A nonce is used again, counted, until the backend gives another one. */
export class Digest implements Scheme {
  readonly #user: DigestUser;
  readonly #keepsBody: number;
  #challenge: DigestChallenge | null = null;
  #count = 0;

  /** `keepsBody` is how many bytes of a body are kept so that it can be sent again. */
  constructor(user: DigestUser, keepsBody: number) {
    this.#user = user;
    this.#keepsBody = keepsBody;
  }

  begin(exchange: Exchange): Proof {
    exchange.keepsBody = Math.max(exchange.keepsBody, this.#keepsBody);
    return new DigestProof(this, exchange, this.#keepsBody);
  }

  get challenge(): DigestChallenge | null {
    return this.#challenge;
  }

  /** Takes over what a backend asked for; the same nonce is counted on. */
  learn(challenge: DigestChallenge): void {
    if (challenge.nonce !== this.#challenge?.nonce) this.#count = 0;
    this.#challenge = challenge;
  }

  /** The line for one request; empty as long as no nonce is known. */
  line(method: string, target: string): string {
    const challenge = this.#challenge;
    if (challenge === null) return '';
    const cnonce = randomBytes(16).toString('hex');
    const answer = digestAnswer(this.#user, challenge, { method, target, count: ++this.#count, cnonce });
    if (this.#count >= mostCounted) this.#challenge = null;
    return `Authorization: ${answer}\r\n`;
  }
}

class DigestProof implements Proof {
  readonly #digest: Digest;
  readonly #exchange: Exchange;
  readonly #keepsBody: number;
  /** The lines without proof. */
  readonly #lines: string;
  /** What the request was proved by; null when it went without. */
  #shown: DigestChallenge | null = null;
  #repeats = 0;
  #goesAgain = false;

  constructor(digest: Digest, exchange: Exchange, keepsBody: number) {
    this.#digest = digest;
    this.#exchange = exchange;
    this.#keepsBody = keepsBody;
    this.#lines = exchange.added;
  }

  send(): void {
    const exchange = this.#exchange;
    this.#shown = this.#digest.challenge;
    exchange.added = this.#lines + this.#digest.line(exchange.call.head.method, exchange.target);
    exchange.call.send(exchange);
  }

  /** An answer that asks for something else than digest is the client's to see. */
  declines(head: ResponseHead, repeatable: boolean): boolean {
    const challenge = chooseDigest(readChallenges(head.header('www-authenticate') ?? ''));
    if (challenge === undefined) return false;
    this.#digest.learn(challenge);
    // The first nonce may have been too old, whether or not the backend says so; a second time it must say so.
    const fresh = this.#shown === null || this.#shown.nonce !== challenge.nonce;
    const worthwhile = fresh && (this.#repeats === 0 || (this.#repeats === 1 && challenge.stale));
    this.#goesAgain = worthwhile && repeatable;
    this.#refusal = worthwhile ? 'body' : 'credentials';
    return true;
  }

  #refusal: 'body' | 'credentials' = 'credentials';

  declined(): void {
    if (this.#goesAgain) {
      this.#repeats++;
      this.send();
      return;
    }
    const exchange = this.#exchange;
    const backend = exchange.host;
    if (this.#refusal === 'credentials')
      fail(exchange, errors.backendCredentialsRefused, { scheme: 'Digest', backend });
    else {
      fail(
        exchange,
        errors.backendChallengeUnanswered,
        { scheme: 'Digest', backend, limit: this.#keepsBody },
        { retryAfter: retrySeconds },
      );
    }
  }

  answered(head: ResponseHead): void {
    const info = head.header('authentication-info');
    const shown = this.#shown;
    if (info === undefined || shown === null) return;
    const [read] = readChallenges(`Digest ${info}`);
    const nonce = read?.parameters.get('nextnonce');
    if (nonce !== undefined && /^[\x20-\x7e]+$/.test(nonce)) this.#digest.learn({ ...shown, nonce, stale: false });
  }
}
