import { errors, SluiceError } from '@sluice/model';
import type { AccessTokens } from '../tokens/access-token.ts';
import { decodeBearer } from './basic.ts';
import type { OAuthEndpoint } from './exchange.ts';

/** `/oauth2/userinfo` (OpenID Connect Core 5.3): the token must be a user's and carry `openid`. */
export function createUserinfoEndpoint(accessTokens: AccessTokens): OAuthEndpoint {
  return async (request) => {
    const token = decodeBearer(request.authorization);
    const access = token === undefined ? undefined : await accessTokens.verify(token);
    if (!access) throw new SluiceError(errors.oauthInvalidToken);
    if (access.kind !== 'APPLICATION_USER' || !access.scopes.includes('openid'))
      throw new SluiceError(errors.oauthInsufficientScope, { scope: 'openid' });
    return { status: 200, body: { sub: access.subject, preferred_username: access.subject } };
  };
}
