import { decodeDocument, encodeDocument } from '../codec.ts';
import type { ClientRepository, OAuthClient } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { touched } from './outcome.ts';

const columns = (client: OAuthClient) => ({
  client_id: client.clientId,
  name: client.name,
  document: encodeDocument(client),
});

export function clientRepository(session: TenantSession): ClientRepository {
  const one = async (column: 'client_id' | 'name', value: string): Promise<OAuthClient | undefined> => {
    const row = await session.read((tables) =>
      tables.select('client').select('document').where(column, '=', value).executeTakeFirst(),
    );
    return row && decodeDocument(row.document);
  };

  return {
    create: async (client) => {
      session.assertOwned(client);
      await session.write((tables) => tables.insert('client', columns(client)).execute());
    },

    get: (clientId) => one('client_id', clientId),
    findByName: (name) => one('name', name),

    update: async (client) => {
      session.assertOwned(client);
      const { client_id: clientId, ...changed } = columns(client);
      return touched(
        await session.write((tables) => tables.update('client', changed).where('client_id', '=', clientId).execute()),
      );
    },

    remove: async (clientId) =>
      touched(await session.write((tables) => tables.delete('client').where('client_id', '=', clientId).execute())),
  };
}
