import { randomUUID } from 'node:crypto';
import type { OAuthClient, SystemStore } from '@sluice/store';
import { parseScope } from '../scopes/grant-scopes.ts';
import type { Jwts } from './jwt.ts';
import { expiry } from './lifetime.ts';

/** What an access token of this installation says (wso2-control-plane.md 3.4). */
export interface AccessToken {
  /** `jti`. */
  readonly tokenId: string;
  /** `x@organization` of a user, the client id where an application acts for itself. */
  readonly subject: string;
  /** `aut`: whether a user stands behind it. */
  readonly kind: 'APPLICATION' | 'APPLICATION_USER';
  readonly clientId: string;
  /** Organization of the client. */
  readonly clientOrganization: string;
  readonly scopes: readonly string[];
  /** Epoch seconds. */
  readonly issuedAt: number;
  /** Epoch seconds. */
  readonly expiresAt: number;
  /** The grant of a user whose refresh token came with it. */
  readonly grantId: string | undefined;
}

export interface AccessTokens {
  /** `lifetime` in seconds, -1 never expires. */
  issue(request: {
    client: OAuthClient;
    /** Absent where the application acts for itself. */
    user?: string;
    scopes: readonly string[];
    lifetime: number;
    grantId?: string;
  }): Promise<{ token: string; facts: AccessToken }>;
  /** The facts of a live token; undefined when it is invalid, expired or revoked. */
  verify(token: string): Promise<AccessToken | undefined>;
}

export function createAccessTokens(parts: {
  jwts: Jwts;
  revocations: SystemStore['revocations'];
  issuer: string;
  now: () => number;
}): AccessTokens {
  const { jwts, issuer } = parts;
  return {
    async issue({ client, user, scopes, lifetime, grantId }) {
      const issuedAt = Math.floor(parts.now() / 1000);
      const facts: AccessToken = {
        tokenId: randomUUID(),
        subject: user ?? client.clientId,
        kind: user === undefined ? 'APPLICATION' : 'APPLICATION_USER',
        clientId: client.clientId,
        clientOrganization: client.organization,
        scopes,
        issuedAt,
        expiresAt: expiry(issuedAt, lifetime),
        grantId,
      };
      return { token: await jwts.sign(claimsOf(facts, issuer), 'at+jwt', facts.expiresAt - issuedAt), facts };
    },
    async verify(token) {
      const claims = await jwts.verify(token, { issuer, typ: 'at+jwt' });
      if (!claims || (await parts.revocations.has(String(claims.jti)))) return undefined;
      const { jti, sub, aut, azp, app_td, scope, iat, exp, grant_id } = claims;
      if (aut !== 'APPLICATION' && aut !== 'APPLICATION_USER') return undefined;
      return {
        tokenId: String(jti),
        subject: String(sub),
        kind: aut,
        clientId: String(azp),
        clientOrganization: String(app_td),
        scopes: parseScope(String(scope)),
        issuedAt: Number(iat),
        expiresAt: Number(exp),
        grantId: typeof grant_id === 'string' ? grant_id : undefined,
      };
    },
  };
}

function claimsOf(facts: AccessToken, issuer: string) {
  return {
    sub: facts.subject,
    aut: facts.kind,
    aud: facts.clientId,
    nbf: facts.issuedAt,
    azp: facts.clientId,
    client_id: facts.clientId,
    app_td: facts.clientOrganization,
    scope: facts.scopes.join(' '),
    iss: issuer,
    exp: facts.expiresAt,
    iat: facts.issuedAt,
    jti: facts.tokenId,
    ...(facts.grantId === undefined ? {} : { grant_id: facts.grantId }),
  };
}
