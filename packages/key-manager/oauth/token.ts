import { errors, SluiceError } from '@sluice/model';
import type { OAuthClient } from '@sluice/store';
import { type FindClient, requireClient } from './caller.ts';
import type { OAuthEndpoint, OAuthReply } from './exchange.ts';
import type { Parameters } from './parameters.ts';

/** Answers a token request of one grant; the client is proven and may use the grant. */
export type TokenGrant = (client: OAuthClient, parameters: Parameters) => Promise<IssuedTokens>;

/** What a grant gives. `lifetime` in seconds. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly scopes: readonly string[];
  readonly lifetime: number;
  readonly refreshToken?: string;
  readonly idToken?: string;
}

/** `POST /oauth2/token` (RFC 6749 section 3.2). `grants` by their `grant_type`. */
export function createTokenEndpoint(
  findClient: FindClient,
  grants: Readonly<Record<string, TokenGrant>>,
): OAuthEndpoint {
  return async (request) => {
    const parameters = request.parameters();
    const client = await requireClient(findClient, request);
    const grantType = parameters.require('grant_type');
    const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
    if (!grant) throw new SluiceError(errors.oauthUnsupportedGrantType, { grant: shorten(grantType) });
    if (!client.grantTypes.includes(grantType))
      throw new SluiceError(errors.oauthUnauthorizedClient, { grant: grantType });
    return reply(await grant(client, parameters));
  };
}

const reply = (issued: IssuedTokens): OAuthReply => ({
  status: 200,
  body: {
    access_token: issued.accessToken,
    ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
    scope: issued.scopes.join(' '),
    ...(issued.idToken === undefined ? {} : { id_token: issued.idToken }),
    token_type: 'Bearer',
    expires_in: issued.lifetime,
  },
});

/** RFC 6749 section 5.2 allows printable ASCII without quotes in a description. */
const shorten = (text: string) => text.slice(0, 60).replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
