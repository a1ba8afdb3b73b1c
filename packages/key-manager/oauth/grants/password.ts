import { errors, SluiceError } from '@sluice/model';
import type { Prove } from '../../identity/prove.ts';
import { type GrantScopes, parseScope } from '../../scopes/grant-scopes.ts';
import type { Grants } from '../../tokens/grant.ts';
import type { TokenGrant } from '../token.ts';
import type { UserTokens } from './user-grant.ts';

/** `grant_type=password` (RFC 6749 section 4.3). A refresh token comes with it where the client may use one. */
export function createPasswordGrant(parts: {
  prove: Prove;
  grantScopes: GrantScopes;
  userTokens: UserTokens;
  grants: Grants;
}): TokenGrant {
  const { userTokens, grants } = parts;
  return async (client, parameters) => {
    const user = await parts.prove(parameters.require('username'), parameters.require('password'));
    // Only a client that its owner made for all organizations (WSO2: SaaS application) signs in users of others.
    const known = user && (user.organization === client.organization || client.properties.saasApp === true);
    if (!known) throw new SluiceError(errors.oauthInvalidGrant, { detail: 'User name or password is wrong.' });
    const scopes = await parts.grantScopes(parseScope(parameters.get('scope')), user);
    const { access, refresh, issued } = await userTokens.prepare(client, user, scopes, {
      grantId: grants.newId(),
      scopes,
    });
    if (!client.grantTypes.includes('refresh_token')) return issued;
    return { ...issued, refreshToken: await grants.open(refresh, access) };
  };
}
