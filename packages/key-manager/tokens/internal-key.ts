import { randomUUID } from 'node:crypto';
import type { KeyManager } from '../key-manager.ts';
import { internalIssuer } from '../keys/issuers.ts';
import type { Jwts } from './jwt.ts';
import { expiry } from './lifetime.ts';

/** Test keys: JWTs of an issuer of their own that name the one API they call, so that they need no subscription. */
export function createInternalKeys(parts: {
  jwts: Jwts;
  issuer: string;
  /** Seconds, -1 never ends. */
  lifetime: number;
  now: () => number;
}): KeyManager['issueInternalKey'] {
  return async ({ organization, user, api, keyType }) => {
    const issuedAt = Math.floor(parts.now() / 1000);
    const expiresAt = expiry(issuedAt, parts.lifetime);
    const claims = {
      iss: internalIssuer(parts.issuer),
      sub: user,
      token_type: 'InternalKey',
      keytype: keyType,
      jti: randomUUID(),
      iat: issuedAt,
      exp: expiresAt,
      subscribedAPIs: [
        {
          subscriberTenantDomain: organization,
          name: api.name,
          context: api.context,
          version: api.version,
          publisher: user,
        },
      ],
    };
    return { key: await parts.jwts.sign(claims, 'JWT', expiresAt - issuedAt), validitySeconds: parts.lifetime };
  };
}
