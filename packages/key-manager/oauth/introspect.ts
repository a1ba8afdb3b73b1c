import { errors, type JsonObject, SluiceError, superOrganization } from '@sluice/model';
import type { Prove } from '../identity/prove.ts';
import type { AccessTokens } from '../tokens/access-token.ts';
import type { Grants } from '../tokens/grant.ts';
import { decodeBasic } from './basic.ts';
import type { FindClient } from './caller.ts';
import type { OAuthEndpoint, OAuthRequest } from './exchange.ts';

/**
 * `POST /oauth2/introspect` (RFC 7662) for clients and, with Basic, for users of the role `admin`.
 * Any client may ask for an access token, since resource servers are clients too; a refresh token is shown to its own client and to admins alone.
 */
export function createIntrospectEndpoint(parts: {
  findClient: FindClient;
  prove: Prove;
  accessTokens: AccessTokens;
  grants: Grants;
  issuer: string;
  now: () => number;
}): OAuthEndpoint {
  async function requireCaller(request: OAuthRequest): Promise<{ clientId: string | undefined }> {
    const client = await parts.findClient(request);
    if (client) return { clientId: client.clientId };
    const basic = decodeBasic(request.authorization);
    const user = basic && (await parts.prove(basic.name, basic.secret));
    if (!user?.roles.includes('admin') || user.organization !== superOrganization)
      throw new SluiceError(errors.oauthInvalidClient);
    return { clientId: undefined };
  }

  async function describeAccess(token: string): Promise<JsonObject | undefined> {
    const access = await parts.accessTokens.verify(token);
    return (
      access && {
        active: true,
        token_type: 'Bearer',
        scope: access.scopes.join(' '),
        client_id: access.clientId,
        username: access.subject,
        sub: access.subject,
        aud: access.clientId,
        iss: parts.issuer,
        aut: access.kind,
        jti: access.tokenId,
        nbf: access.issuedAt,
        iat: access.issuedAt,
        exp: access.expiresAt,
      }
    );
  }

  async function describeRefresh(token: string, clientId: string | undefined): Promise<JsonObject | undefined> {
    const found = await parts.grants.find(token);
    if (!found || found.consumedTime !== null || (clientId ?? found.refresh.clientId) !== found.refresh.clientId)
      return undefined;
    const { refresh } = found;
    return {
      active: true,
      token_type: 'Refresh',
      scope: refresh.scopes.join(' '),
      client_id: refresh.clientId,
      username: refresh.user,
      iat: Math.floor(refresh.issuedAt / 1000),
      ...(refresh.expiresAt === null ? {} : { exp: Math.floor(refresh.expiresAt / 1000) }),
    };
  }

  return async (request) => {
    const parameters = request.parameters();
    const { clientId } = await requireCaller(request);
    const token = parameters.require('token');
    const body = (await describeAccess(token)) ?? (await describeRefresh(token, clientId)) ?? { active: false };
    return { status: 200, body };
  };
}
