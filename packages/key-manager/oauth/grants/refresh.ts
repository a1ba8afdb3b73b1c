import { errors, SluiceError, type User } from '@sluice/model';
import type { OAuthClient, Store } from '@sluice/store';
import { findUserName } from '../../identity/prove.ts';
import { defaultScope, type GrantScopes, parseScope } from '../../scopes/grant-scopes.ts';
import type { Grants, RefreshToken } from '../../tokens/grant.ts';
import type { TokenGrant } from '../token.ts';
import type { UserTokens } from './user-grant.ts';

/**
 * `grant_type=refresh_token` (RFC 6749 section 6) with rotation: each refresh token is used once. One that comes again after the grace
 * was stolen from one side or the other, so that the whole grant ends (RFC 9700 section 4.14.2); within the grace it is a client racing itself and is only refused.
 */
export function createRefreshGrant(parts: {
  store: Store;
  grantScopes: GrantScopes;
  userTokens: UserTokens;
  grants: Grants;
  /** Milliseconds. */
  grace: number;
  now: () => number;
}): TokenGrant {
  const { store, grants, userTokens } = parts;

  async function findUsable(client: OAuthClient, token: string): Promise<RefreshToken> {
    const found = await grants.find(token);
    if (!found || found.refresh.clientId !== client.clientId) throw refused();
    if (found.consumedTime !== null) {
      if (parts.now() - found.consumedTime > parts.grace) await grants.revoke(found.refresh.grantId);
      throw refused();
    }
    return found.refresh;
  }

  async function findUser(refresh: RefreshToken): Promise<User> {
    const { organization, name } = await findUserName(store, refresh.user);
    const user = await store.organization(organization).users.find(name);
    if (!user || userTokens.credential(user) !== refresh.credential) throw refused();
    return user;
  }

  return async (client, parameters) => {
    const token = parameters.require('refresh_token');
    const refresh = await findUsable(client, token);
    const user = await findUser(refresh);
    const asked = parameters.get('scope');
    const wanted =
      asked === undefined ? refresh.scopes : parseScope(asked).filter((one) => refresh.scopes.includes(one));
    const scopes = await parts.grantScopes(
      wanted.filter((scope) => scope !== defaultScope),
      user,
    );
    const prepared = await userTokens.prepare(client, user, scopes, refresh);
    const next = await grants.rotate(token, prepared.refresh, prepared.access);
    if (next === undefined) throw refused();
    return { ...prepared.issued, refreshToken: next };
  };
}

const refused = () =>
  new SluiceError(errors.oauthInvalidGrant, { detail: 'The refresh token is unknown, used, expired or revoked.' });
