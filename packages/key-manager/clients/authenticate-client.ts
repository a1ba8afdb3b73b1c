import type { OAuthClient, Store } from '@sluice/store';
import type { ClientService } from '../key-manager.ts';
import { sameSecret } from './credentials.ts';

/** What a request offered as proof of its client. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Proves a client; undefined when it is unknown or the secret is wrong. `organization` is the tenant of the path, where it has one. */
export type AuthenticateClient = (
  credentials: ClientCredentials,
  organization: string | undefined,
) => Promise<OAuthClient | undefined>;

const longestCredential = 512;

/**
 * Client ids are random, so a client of any organization is found by its id alone: a tenant's user registers it
 * and asks for tokens at the address without a tenant, as apictl does.
 */
export function createAuthenticateClient(store: Store, clients: ClientService): AuthenticateClient {
  async function find(clientId: string, organization: string | undefined) {
    for (const name of organization === undefined ? await store.organizations() : [organization]) {
      const found = await clients.get(name, clientId);
      if (found) return found;
    }
    return undefined;
  }

  return async ({ clientId, clientSecret }, organization) => {
    if (clientId === '' || clientId.length > longestCredential || clientSecret.length > longestCredential)
      return undefined;
    const found = await find(clientId, organization);
    return found && sameSecret(found.secret, clientSecret) ? found.client : undefined;
  };
}
