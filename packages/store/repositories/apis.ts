import type { Api, EndpointSecrets } from '@sluice/model';
import { fold } from '../codec.ts';
import { MissingReferenceError } from '../errors.ts';
import { sealed, unsealed } from '../seal-endpoints.ts';
import type { ApiRepository } from '../store.ts';
import type { TenantSession, TenantTables } from '../tenant.ts';
import { apiHistory } from './api-history.ts';
import { listApis, outlineApis } from './api-list.ts';
import { apiColumns, decodeApi, labelRows } from './api-row.ts';
import { apiThumbnail } from './api-thumbnail.ts';
import { removeUnlessUsed, touched } from './outcome.ts';

/** Rows in one insert; PostgreSQL takes 65,535 parameters in one statement, SQLite 32,766. */
const insertedAtOnce = 1000;

export function apiRepository(session: TenantSession, secrets: EndpointSecrets | undefined): ApiRepository {
  const rows = (tables: TenantTables) => tables.select('api').select(['document', 'has_thumbnail']);
  const family = async (column: 'name_key' | 'context_key', value: string): Promise<Api[]> => {
    const found = await session.read((tables) =>
      rows(tables).where(column, '=', fold(value)).orderBy('created_time').orderBy('id').execute(),
    );
    return found.map(decodeApi);
  };

  return {
    create: (api, definition, copyOf) =>
      session.atomic(async (within) => {
        within.assertOwned(api);
        const own = copyOf === undefined ? api : unsealed(api, copyOf, secrets);
        const row = { ...apiColumns(sealed(own, secrets)), last_revision: 0, has_thumbnail: 0 };
        await within.write((tables) => tables.insert('api', row).execute());
        await within.write((tables) => tables.insert('api_definition', { api_id: api.id, definition }).execute());
        await insertLabels(within, api);
      }),

    get: async (id) => {
      const row = await session.read((tables) => rows(tables).where('id', '=', id).executeTakeFirst());
      return row && decodeApi(row);
    },

    find: async (name, version) => {
      const row = await session.read((tables) =>
        rows(tables).where('name_key', '=', fold(name)).where('version_key', '=', fold(version)).executeTakeFirst(),
      );
      return row && decodeApi(row);
    },

    versions: (name) => family('name_key', name),
    byContext: (context) => family('context_key', context),
    list: (query, page) => listApis(session, query, page),
    outline: (query) => outlineApis(session, query),

    update: (api) =>
      session.atomic(async (within) => {
        within.assertOwned(api);
        const { id, ...columns } = apiColumns(sealed(api, secrets));
        const result = await within.write((tables) => tables.update('api', columns).where('id', '=', id).execute());
        if (!touched(result)) return false;
        await within.write((tables) => tables.delete('api_label').where('api_id', '=', id).execute());
        await insertLabels(within, api);
        return true;
      }),

    // Subscriptions keep an API; what is its own goes with it: deployments before the revisions they refer to, the rest by cascade.
    remove: (id) =>
      removeUnlessUsed('api-subscribed', () =>
        session.atomic(async (within) => {
          await within.write((tables) => tables.delete('deployment').where('api_id', '=', id).execute());
          return touched(await within.write((tables) => tables.delete('api').where('id', '=', id).execute()));
        }),
      ),

    definition: async (id) => {
      const row = await session.read((tables) =>
        tables.select('api_definition').select('definition').where('api_id', '=', id).executeTakeFirst(),
      );
      return row?.definition;
    },

    setDefinition: async (id, definition) => {
      const result = await session.write((tables) =>
        tables.update('api_definition', { definition }).where('api_id', '=', id).execute(),
      );
      if (!touched(result)) throw new MissingReferenceError();
    },

    ...apiThumbnail(session),
    ...apiHistory(session),
  };
}

async function insertLabels(session: TenantSession, api: Api): Promise<void> {
  const labels = labelRows(api);
  for (let from = 0; from < labels.length; from += insertedAtOnce) {
    const some = labels.slice(from, from + insertedAtOnce);
    await session.write((tables) => tables.insert('api_label', some).execute());
  }
}
