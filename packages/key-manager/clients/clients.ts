import type { Seal } from '@sluice/model';
import type { OAuthClient, Store } from '@sluice/store';
import type { ClientService } from '../key-manager.ts';
import { makeClientId, makeClientSecret } from './credentials.ts';

/** Bound to the row, so that a sealed secret copied to another client does not open. */
const purpose = (client: Pick<OAuthClient, 'organization' | 'clientId'>) =>
  `client secret ${client.organization}/${client.clientId}`;

export function createClients(parts: { store: Store; seal: Seal; now: () => number }): ClientService {
  const { store, seal } = parts;
  return {
    async create(request) {
      const { organization } = request;
      const clientId = request.clientId ?? makeClientId();
      const secret = request.clientSecret ?? makeClientSecret();
      const client: OAuthClient = {
        organization,
        clientId,
        name: request.name,
        owner: request.owner,
        secret: seal.close(secret, purpose({ organization, clientId })),
        grantTypes: [...request.grantTypes],
        callbackUrl: request.callbackUrl ?? '',
        scopes: [...(request.scopes ?? [])],
        tokenType: request.tokenType ?? 'JWT',
        properties: request.properties ?? {},
        createdTime: parts.now(),
      };
      await store.organization(organization).clients.create(client);
      return { client, secret };
    },
    async get(organization, clientId) {
      const client = await store.organization(organization).clients.get(clientId);
      return client && { client, secret: seal.open(client.secret, purpose(client)) };
    },
    update: (client) =>
      store.transaction(async (tx) => {
        const { clients } = tx.organization(client.organization);
        const present = await clients.get(client.clientId);
        return present !== undefined && (await clients.update({ ...client, secret: present.secret }));
      }),
    regenerateSecret: (organization, clientId) =>
      store.transaction(async (tx) => {
        const { clients } = tx.organization(organization);
        const client = await clients.get(clientId);
        if (!client) return undefined;
        const secret = makeClientSecret();
        return (await clients.update({ ...client, secret: seal.close(secret, purpose(client)) })) ? secret : undefined;
      }),
    remove: (organization, clientId) => store.organization(organization).clients.remove(clientId),
  };
}
