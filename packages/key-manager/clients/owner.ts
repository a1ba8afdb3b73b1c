import { superOrganization, type User } from '@sluice/model';
import type { OAuthClient, Store } from '@sluice/store';
import { findUserName } from '../identity/prove.ts';

/** The user who owns a client; a name without suffix is of the client's organization. */
export async function findOwner(store: Store, client: OAuthClient): Promise<User | undefined> {
  const { organization, name } = await findUserName(store, client.owner);
  const plain = organization === superOrganization && name === client.owner;
  return store.organization(plain ? client.organization : organization).users.find(name);
}
