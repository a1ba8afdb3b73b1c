import { errors, SluiceError } from '@sluice/model';
import type { AccessTokens } from '../tokens/access-token.ts';
import type { Grants } from '../tokens/grant.ts';
import { type FindClient, requireClient } from './caller.ts';
import type { OAuthEndpoint } from './exchange.ts';

/**
 * `POST /oauth2/revoke` (RFC 7009). A token that is unknown, expired or revoked answers 200 like one that lived; a token of another client is refused.
 * Access and refresh token of one sign-in end together, as in WSO2.
 */
export function createRevokeEndpoint(parts: {
  findClient: FindClient;
  accessTokens: AccessTokens;
  grants: Grants;
}): OAuthEndpoint {
  const { accessTokens, grants } = parts;
  return async (request) => {
    const parameters = request.parameters();
    const client = await requireClient(parts.findClient, request);
    // `token_type_hint` only says where to look first (section 2.1); the form of a token says as much.
    const token = parameters.require('token');
    const access = await accessTokens.verify(token);
    const refresh = access ? undefined : (await grants.find(token))?.refresh;
    const owner = access?.clientId ?? refresh?.clientId;
    if (owner !== undefined && owner !== client.clientId)
      throw new SluiceError(errors.oauthInvalidRequest, { detail: 'The token belongs to another client.' });
    if (access) await grants.revoke(access.grantId, { tokenId: access.tokenId, expiresAt: access.expiresAt * 1000 });
    else if (refresh) await grants.revoke(refresh.grantId);
    return { status: 200 };
  };
}
