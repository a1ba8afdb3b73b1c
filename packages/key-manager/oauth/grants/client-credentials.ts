import type { OAuthClient, Store } from '@sluice/store';
import { findOwner } from '../../clients/owner.ts';
import { type GrantScopes, parseScope } from '../../scopes/grant-scopes.ts';
import type { AccessTokens } from '../../tokens/access-token.ts';
import { clientLifetime } from '../../tokens/lifetime.ts';
import type { TokenGrant } from '../token.ts';

/** `grant_type=client_credentials` (RFC 6749 section 4.4): no user, hence no `openid`, and no refresh token. */
export function createClientCredentialsGrant(parts: {
  applicationScopes: ApplicationScopes;
  accessTokens: AccessTokens;
  /** Seconds. */
  lifetime: number;
}): TokenGrant {
  return async (client, parameters) => {
    const scopes = await parts.applicationScopes(client, parseScope(parameters.get('scope')));
    const lifetime = clientLifetime(client, 'application_access_token_expiry_time', parts.lifetime);
    const { token, facts } = await parts.accessTokens.issue({ client, scopes, lifetime });
    return { accessToken: token, scopes, lifetime: facts.expiresAt - facts.issuedAt };
  };
}

/** What an application may have of `asked`: as in WSO2, what its owner's roles hold. */
export type ApplicationScopes = (client: OAuthClient, asked: readonly string[]) => Promise<string[]>;

export function createApplicationScopes(store: Store, grantScopes: GrantScopes): ApplicationScopes {
  return async (client, asked) => {
    const owner = await findOwner(store, client);
    const holder = { organization: client.organization, roles: owner?.roles ?? [] };
    const own = asked.filter((scope) => scope !== 'openid');
    return grantScopes(own, holder);
  };
}
