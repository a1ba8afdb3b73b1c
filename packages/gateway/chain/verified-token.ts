import type { JsonObject, KeyType, RuntimeKey } from '@sluice/model';
import { escapeValue } from '../access-log/mask.ts';
import type { CompiledIssuer } from '../snapshot/issuer.ts';
import type { CompiledApplication } from '../snapshot/snapshot.ts';
import type { CallerFound } from '../throttling/found.ts';

/** A token whose signature held, with what later steps ask of it. Lives in the cache for as long as it is used and valid. */
export class VerifiedToken {
  /** As it came. */
  text: string;
  readonly issuer: CompiledIssuer;
  readonly kind: 'access' | 'test';
  /** `jti`, or the signature where a token has none: what a revocation names. */
  readonly tokenId: string;
  readonly consumerKey: string;
  readonly user: string;
  /** The user as the access log writes it: one word. */
  readonly loggedAs: string;
  readonly scopes: ReadonlySet<string>;
  readonly audiences: readonly string[];
  /** Whether an application or one of its users is the bearer (claim `aut`). */
  readonly bearer: 'APPLICATION' | 'APPLICATION_USER';
  /** `keytype` claim; production where the token has none. */
  readonly keyType: KeyType;
  /** Epoch milliseconds, skew included; Infinity when it never expires. */
  readonly expiresAt: number;
  /** Epoch milliseconds, skew included. */
  readonly notBefore: number;
  /** APIs that a test key names; empty for access tokens. */
  readonly apis: readonly { readonly context: string; readonly version: string }[];

  /** Second chance of the cache: set on use, cleared when its turn to go comes. */
  used = true;

  /** Generation of the snapshot for which the members below were found. */
  generation = -1;
  revoked = false;
  key: RuntimeKey | undefined;
  application: CompiledApplication | undefined;
  /** What limits its calls; null until the first one. */
  found: CallerFound | null = null;

  /** Claims that were asked for by name, as text. */
  #asked: Map<string, string | undefined> | null = null;

  constructor(
    text: string,
    issuer: CompiledIssuer,
    kind: 'access' | 'test',
    claims: JsonObject,
    signature: string,
    skew: number,
  ) {
    this.text = text;
    this.issuer = issuer;
    this.kind = kind;
    this.tokenId = typeof claims.jti === 'string' && claims.jti !== '' ? claims.jti : signature;
    this.consumerKey = textOf(claims[issuer.consumerKeyClaim]) ?? textOf(claims.client_id) ?? '';
    this.user = textOf(claims.sub) ?? this.consumerKey;
    this.loggedAs = escapeValue(this.user).replaceAll(' ', '\\x20') || '-';
    this.scopes = new Set(listOf(claims[issuer.scopesClaim]));
    this.audiences = typeof claims.aud === 'string' ? [claims.aud] : listOf(claims.aud);
    this.bearer = bearerOf(claims, this.consumerKey);
    this.keyType = claims.keytype === 'SANDBOX' ? 'SANDBOX' : 'PRODUCTION';
    this.expiresAt = typeof claims.exp === 'number' ? claims.exp * 1000 + skew : Number.POSITIVE_INFINITY;
    this.notBefore = typeof claims.nbf === 'number' ? claims.nbf * 1000 - skew : 0;
    this.apis = apisOf(claims.subscribedAPIs);
  }

  /**
   * A claim by its name; numbers, true and false as JSON writes them, undefined for others and for one that the token has not. Few conditions ask, and
   * always for the same ones: those are read out of the text once and remembered.
   */
  claim(name: string): string | undefined {
    this.#asked ??= new Map();
    if (!this.#asked.has(name)) {
      if (this.#asked.size >= mostAsked) this.#asked.clear();
      this.#asked.set(name, scalarOf(claimsOf(this.text), name));
    }
    return this.#asked.get(name);
  }
}

/** Claims of one token that are remembered. */
const mostAsked = 64;

/** The claims of a token that was verified before. */
function claimsOf(text: string): JsonObject {
  const payload = text.slice(text.indexOf('.') + 1, text.lastIndexOf('.'));
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as JsonObject;
}

function scalarOf(claims: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Scopes and audiences come as a list or as words in one string. */
function listOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((word): word is string => typeof word === 'string') : [];
}

/** Tokens of foreign issuers have no `aut`; there the client acts for itself when it is its own subject. */
function bearerOf(claims: JsonObject, consumerKey: string): 'APPLICATION' | 'APPLICATION_USER' {
  if (claims.aut === 'APPLICATION' || claims.aut === 'APPLICATION_USER') return claims.aut;
  return claims.sub === undefined || claims.sub === consumerKey ? 'APPLICATION' : 'APPLICATION_USER';
}

function apisOf(value: unknown): { context: string; version: string }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    if (typeof one !== 'object' || one === null) return [];
    const { context, version } = one as JsonObject;
    return typeof context === 'string' && typeof version === 'string' ? [{ context, version }] : [];
  });
}
