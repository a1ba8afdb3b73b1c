import type { KeyMapping } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { KeyMappingRepository } from '../store.ts';
import type { TenantSession, TenantTables } from '../tenant.ts';
import { touched } from './outcome.ts';

const columns = (mapping: KeyMapping) => ({
  id: mapping.id,
  application_id: mapping.applicationId,
  key_type: mapping.keyType,
  key_manager: mapping.keyManager,
  consumer_key: mapping.consumerKey,
  document: encodeDocument(mapping),
});

const decode = (row: { document: string }): KeyMapping => decodeDocument(row.document);

export function keyMappingRepository(session: TenantSession): KeyMappingRepository {
  const documents = (tables: TenantTables) => tables.select('key_mapping').select('document');

  return {
    create: async (mapping) => {
      await session.write((tables) => tables.insert('key_mapping', columns(mapping)).execute());
    },

    get: async (id) => {
      const row = await session.read((tables) => documents(tables).where('id', '=', id).executeTakeFirst());
      return row && decode(row);
    },

    byConsumerKey: async (consumerKey) => {
      const row = await session.read((tables) =>
        documents(tables).where('consumer_key', '=', consumerKey).executeTakeFirst(),
      );
      return row && decode(row);
    },

    list: async (applicationId) =>
      (
        await session.read((tables) =>
          documents(tables)
            .where('application_id', '=', applicationId)
            .orderBy('key_type')
            .orderBy('key_manager')
            .execute(),
        )
      ).map(decode),

    all: async ({ offset, limit }) =>
      (await session.read((tables) => documents(tables).orderBy('id').limit(limit).offset(offset).execute())).map(
        decode,
      ),

    update: async (mapping) => {
      const { id, ...changed } = columns(mapping);
      return touched(
        await session.write((tables) => tables.update('key_mapping', changed).where('id', '=', id).execute()),
      );
    },

    remove: async (id) =>
      touched(await session.write((tables) => tables.delete('key_mapping').where('id', '=', id).execute())),
  };
}
