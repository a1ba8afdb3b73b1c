import { generateKeyPairSync, sign } from 'node:crypto';
import type { JsonObject, RuntimeEntry, RuntimeIssuer } from '@sluice/model';

/** An issuer with an RS256 key of its own. */
export interface TestIssuer {
  readonly runtime: RuntimeIssuer;
  readonly entry: RuntimeEntry;
  /** A signed token; `claims` replace the defaults, `undefined` leaves one out. */
  token(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): string;
}

let tokens = 0;

/** Defaults make a token of application `client-1` that is good for an hour. */
export function makeIssuer(name = 'Resident Key Manager', issuer = 'https://localhost:9443/oauth2/token'): TestIssuer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = `${name}-key`;
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } as JsonObject;
  const runtime: RuntimeIssuer = { name, issuer, keys: [jwk], consumerKeyClaim: 'azp', scopesClaim: 'scope' };
  return {
    runtime,
    entry: { kind: 'issuer', id: name, value: runtime },
    token(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1000);
      const body = {
        iss: issuer,
        sub: 'admin',
        aud: 'client-1',
        azp: 'client-1',
        aut: 'APPLICATION',
        scope: 'default',
        jti: `token-${++tokens}`,
        iat: now,
        nbf: now,
        exp: now + 3600,
        ...claims,
      };
      const text = `${encode({ typ: 'at+jwt', alg: 'RS256', kid, ...header })}.${encode(body)}`;
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
    },
  };
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
