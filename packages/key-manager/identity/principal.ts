import type { Principal, User } from '@sluice/model';
import type { Store } from '@sluice/store';
import { findOwner } from '../clients/owner.ts';
import { scopesOf } from '../scopes/grant-scopes.ts';
import type { AccessToken, AccessTokens } from '../tokens/access-token.ts';
import { findUserName, type Prove } from './prove.ts';

/** Who stands behind a request. */
export interface Principals {
  /** Undefined when the token is not live or its user, or the client or its owner, is gone. */
  bearer(token: string): Promise<Principal | undefined>;
  basic(username: string, password: string): Promise<Principal | undefined>;
}

export function createPrincipals(parts: { store: Store; accessTokens: AccessTokens; prove: Prove }): Principals {
  const { store } = parts;

  /** An application's own token acts with its owner's name and roles, as in WSO2, so that what it makes has a provider who exists. */
  async function findActor(access: AccessToken): Promise<User | undefined> {
    if (access.kind === 'APPLICATION_USER') {
      const { organization, name } = await findUserName(store, access.subject);
      return store.organization(organization).users.find(name);
    }
    const client = await store.organization(access.clientOrganization).clients.get(access.clientId);
    return client && findOwner(store, client);
  }

  return {
    async bearer(token) {
      const access = await parts.accessTokens.verify(token);
      const user = access && (await findActor(access));
      if (!user) return undefined;
      const { clientId, tokenId } = access;
      return { ...identify(user), scopes: new Set(access.scopes), clientId, tokenId };
    },
    async basic(username, password) {
      const user = await parts.prove(username, password);
      return user && { ...identify(user), scopes: scopesOf(user.roles) };
    },
  };
}

const identify = ({ organization, name, roles }: User) => ({ organization, user: name, roles });
