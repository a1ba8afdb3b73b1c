import { createHash } from 'node:crypto';
import type { Seal, User } from '@sluice/model';
import type { OAuthClient } from '@sluice/store';
import { qualifyUserName } from '../../identity/user-name.ts';
import type { AccessToken, AccessTokens } from '../../tokens/access-token.ts';
import type { RefreshToken } from '../../tokens/grant.ts';
import type { Jwts } from '../../tokens/jwt.ts';
import { clientLifetime, expiry } from '../../tokens/lifetime.ts';
import type { IssuedTokens } from '../token.ts';

/** The tokens of a user's grant, issued when it is opened and each time it is refreshed. */
export interface UserTokens {
  /**
   * Signs the access token (and the ID token where `openid` is granted), and describes the refresh token that goes with it.
   */
  prepare(client: OAuthClient, user: User, scopes: readonly string[], grant: GrantFacts): Promise<PreparedTokens>;
  /** Marks the password that stands behind a grant without keeping anything that helps to guess it. */
  credential(user: User): string;
}

interface GrantFacts {
  readonly grantId: string;
  /** The scopes that a refresh may ask for. */
  readonly scopes: readonly string[];
}

interface PreparedTokens {
  readonly access: AccessToken;
  readonly refresh: RefreshToken;
  readonly issued: IssuedTokens;
}

export function createUserTokens(parts: {
  accessTokens: AccessTokens;
  jwts: Jwts;
  seal: Seal;
  issuer: string;
  /** Seconds. */
  lifetimes: { readonly userToken: number; readonly refreshToken: number };
  now: () => number;
}): UserTokens {
  const { accessTokens, jwts, lifetimes } = parts;

  async function idToken(client: OAuthClient, access: AccessToken, accessToken: string): Promise<string> {
    // OpenID Connect Core 3.1.3.6: the left half of the hash of the access token.
    const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
    const { subject: sub, issuedAt: iat } = access;
    const exp = expiry(iat, lifetimes.userToken);
    // No `azp`: a gateway finds the application by it, and an ID token must not pass for an access token.
    const claims = {
      iss: parts.issuer,
      sub,
      aud: client.clientId,
      iat,
      exp,
      jti: `id-${access.tokenId}`,
      at_hash: half,
    };
    return jwts.sign(claims, 'JWT', exp - iat);
  }

  const credential = (user: User) => parts.seal.mark(user.passwordHash, 'credential of a grant');
  return {
    credential,
    async prepare(client, user, scopes, grant) {
      const subject = qualifyUserName(user);
      const { token, facts } = await accessTokens.issue({
        client,
        user: subject,
        scopes,
        lifetime: clientLifetime(client, 'user_access_token_expiry_time', lifetimes.userToken),
        grantId: grant.grantId,
      });
      const refreshLifetime = clientLifetime(client, 'refresh_token_expiry_time', lifetimes.refreshToken);
      const now = parts.now();
      const refresh: RefreshToken = {
        grantId: grant.grantId,
        clientId: client.clientId,
        user: subject,
        scopes: grant.scopes,
        credential: credential(user),
        issuedAt: now,
        expiresAt: refreshLifetime < 0 ? null : now + refreshLifetime * 1000,
      };
      const issued = { accessToken: token, scopes, lifetime: facts.expiresAt - facts.issuedAt };
      const openId = scopes.includes('openid') ? { idToken: await idToken(client, facts, token) } : {};
      return { access: facts, refresh, issued: { ...issued, ...openId } };
    },
  };
}
