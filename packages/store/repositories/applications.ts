import type { Application } from '@sluice/model';
import { decodeDocument, encodeDocument, fold } from '../codec.ts';
import type { ApplicationRepository } from '../store.ts';
import type { TenantSession, TenantTables } from '../tenant.ts';
import { matches } from './like.ts';
import { touched } from './outcome.ts';

type ApplicationQuery = Parameters<ApplicationRepository['list']>[0];

const columns = (application: Application) => ({
  id: application.id,
  name_key: fold(application.name),
  owner_key: fold(application.owner),
  plan: application.throttlingPolicy,
  status: application.status,
  document: encodeDocument(application),
});

const sortColumns = { name: 'name_key', throttlingPolicy: 'plan', status: 'status', owner: 'owner_key' } as const;

export function applicationRepository(session: TenantSession): ApplicationRepository {
  return {
    create: (application) =>
      session.atomic(async (within) => {
        within.assertOwned(application);
        await within.write((tables) => tables.insert('application', columns(application)).execute());
        await insertGroups(within, application);
      }),

    get: async (id) => {
      const row = await session.read((tables) =>
        tables.select('application').select('document').where('id', '=', id).executeTakeFirst(),
      );
      return row && decodeDocument(row.document);
    },

    list: async (query, page) => {
      const { total } = await session.read((tables) =>
        matching(tables, query)
          .select((it) => it.fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow(),
      );
      if (page.limit === 0 || page.offset >= total) return { items: [], total };
      const order = query.sortOrder ?? 'asc';
      const rows = await session.read((tables) =>
        matching(tables, query)
          .select('document')
          .orderBy(sortColumns[query.sortBy ?? 'name'], order)
          .orderBy('id', order)
          .limit(page.limit)
          .offset(page.offset)
          .execute(),
      );
      return { items: rows.map((row) => decodeDocument<Application>(row.document)), total };
    },

    update: (application) =>
      session.atomic(async (within) => {
        within.assertOwned(application);
        const { id, ...changed } = columns(application);
        const result = await within.write((tables) =>
          tables.update('application', changed).where('id', '=', id).execute(),
        );
        if (!touched(result)) return false;
        await within.write((tables) => tables.delete('application_group').where('application_id', '=', id).execute());
        await insertGroups(within, application);
        return true;
      }),

    // Groups, key mappings and subscriptions go by cascade.
    remove: async (id) =>
      touched(await session.write((tables) => tables.delete('application').where('id', '=', id).execute())),
  };
}

/** What a person sees: the own applications, and those shared with one of the groups. */
function matching(tables: TenantTables, { owner, groupIds = [], name, nameMatch }: ApplicationQuery) {
  return tables.select('application').where((it) => {
    const shared = it.exists(
      it
        .selectFrom('application_group')
        .select('application_id')
        .whereRef('application_group.organization', '=', 'application.organization')
        .whereRef('application_group.application_id', '=', 'application.id')
        .where('group_name', 'in', [...groupIds]),
    );
    const seen = [
      ...(owner === undefined ? [] : [it('owner_key', '=', fold(owner))]),
      ...(groupIds.length === 0 ? [] : [shared]),
    ];
    return it.and([
      ...(seen.length === 0 ? [] : [it.or(seen)]),
      ...(name === undefined ? [] : [matches(it.ref('name_key'), nameMatch ?? 'contains', name)]),
    ]);
  });
}

async function insertGroups(session: TenantSession, { id, groups }: Application): Promise<void> {
  const rows = [...new Set(groups)].map((group) => ({ application_id: id, group_name: group }));
  if (rows.length > 0) await session.write((tables) => tables.insert('application_group', rows).execute());
}
