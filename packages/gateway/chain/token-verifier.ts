import { verify } from 'node:crypto';
import type { Json, JsonObject } from '@sluice/model';
import type { CompiledIssuer, VerificationKey } from '../snapshot/issuer.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { TokenCache } from './token-cache.ts';
import { VerifiedToken } from './verified-token.ts';

/** Which keys may have signed: those of access tokens or those of test keys. */
export type TokenKind = 'access' | 'test';

/**
 * Proves JSON Web Tokens (RFC 7519) against the issuers of a snapshot. A verified token is remembered by its whole text;
 * expiry, revocation and the issuer's present keys count for remembered ones too. Spellings other than the canonical
 * base64url are refused, and revocation goes by `jti`, so no second spelling of a revoked token passes.
 */
export class TokenVerifier {
  readonly #cache: TokenCache;
  readonly #skew: number;

  /** `skew` in milliseconds: how far clocks may differ at `exp` and `nbf`. */
  constructor(options: { readonly cacheSize: number; readonly skew: number }) {
    this.#cache = new TokenCache(options.cacheSize);
    this.#skew = options.skew;
  }

  get cached(): number {
    return this.#cache.size;
  }

  /** The token if it is valid at `now` (epoch milliseconds), with key and application as of `snapshot`; else undefined. */
  verify(text: string, kind: TokenKind, snapshot: Snapshot, now: number): VerifiedToken | undefined {
    let token = this.#cache.get(text);
    if (token !== undefined && token.kind !== kind) return undefined;
    if (token === undefined || (token.generation !== snapshot.generation && !this.#trusted(token, kind, snapshot))) {
      token = this.#prove(text, kind, snapshot, now);
      if (token === undefined) {
        this.#cache.delete(text);
        return undefined;
      }
      this.#cache.set(text, token);
    }
    if (now >= token.expiresAt || now < token.notBefore) {
      if (now >= token.expiresAt) this.#cache.delete(text);
      return undefined;
    }
    if (token.generation !== snapshot.generation) bind(token, snapshot);
    return token.revoked ? undefined : token;
  }

  #trusted(token: VerifiedToken, kind: TokenKind, snapshot: Snapshot): boolean {
    return issuersOf(kind, snapshot).get(token.issuer.issuer)?.includes(token.issuer) === true;
  }

  #prove(text: string, kind: TokenKind, snapshot: Snapshot, now: number): VerifiedToken | undefined {
    const first = text.indexOf('.');
    const second = text.indexOf('.', first + 1);
    if (first < 1 || second === -1 || text.indexOf('.', second + 1) !== -1) return undefined;
    const header = decodeObject(text.slice(0, first));
    const claims = decodeObject(text.slice(first + 1, second));
    const signature = decode(text.slice(second + 1));
    if (header === undefined || claims === undefined || signature === undefined) return undefined;
    // RFC 7515 section 4.1.11: an extension that is not understood makes the token invalid.
    if (header.crit !== undefined || typeof header.alg !== 'string' || typeof claims.iss !== 'string') return undefined;
    if (!isForUse(claims, kind)) return undefined;
    const signed = Buffer.from(text.slice(0, second), 'latin1');
    for (const issuer of issuersOf(kind, snapshot).get(claims.iss) ?? []) {
      for (const key of issuer.keys) {
        if (!mayHaveSigned(key, header) || !verify(key.hash, signed, key.key, signature)) continue;
        const token = new VerifiedToken(text, issuer, kind, claims, signature.toString('base64url'), this.#skew);
        return now < token.expiresAt ? token : undefined;
      }
    }
    return undefined;
  }
}

function issuersOf(kind: TokenKind, snapshot: Snapshot): ReadonlyMap<string, readonly CompiledIssuer[]> {
  return kind === 'access' ? snapshot.issuers : snapshot.testKeyIssuers;
}

function mayHaveSigned(key: VerificationKey, header: JsonObject): boolean {
  return key.algorithm === header.alg && (header.kid === undefined || key.kid === null || key.kid === header.kid);
}

/**
 * Test keys and API keys are no access tokens though the same issuer may sign them (wso2-gateway.md 6.4), nor are OpenID
 * Connect ID tokens, which alone carry a hash of another credential.
 */
function isForUse(claims: JsonObject, kind: TokenKind): boolean {
  if (kind === 'test') return claims.token_type === 'InternalKey';
  if (claims.exp !== undefined && typeof claims.exp !== 'number') return false;
  return (
    claims.token_type !== 'InternalKey' &&
    claims.token_type !== 'apiKey' &&
    claims.at_hash === undefined &&
    claims.c_hash === undefined
  );
}

/** Key and application of the token's consumer, and whether it was revoked, as of `snapshot`. */
function bind(token: VerifiedToken, snapshot: Snapshot): void {
  token.generation = snapshot.generation;
  token.revoked = snapshot.revocations.get(token.tokenId) !== undefined;
  token.key = snapshot.keys.get(`${token.issuer.name}/${token.consumerKey}`);
  token.application = token.key === undefined ? undefined : snapshot.applications.get(token.key.applicationId);
}

/** Canonical base64url without padding (RFC 7515 section 2), or undefined: `Buffer.from` alone passes over characters it does not know. */
function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === part ? bytes : undefined;
}

function decodeObject(part: string): JsonObject | undefined {
  const bytes = decode(part);
  if (bytes === undefined) return undefined;
  try {
    const value = JSON.parse(bytes.toString('utf8')) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
