import type { Api } from '@sluice/model';
import type { ApiOutline, ApiQuery, Page, PageRequest } from '../store.ts';
import type { TenantSession, TenantTables } from '../tenant.ts';
import { decodeApi } from './api-row.ts';
import { searchConditions } from './api-search.ts';

const sortColumns = {
  name: 'api.name_key',
  version: 'api.version_key',
  createdTime: 'api.created_time',
  updatedTime: 'api.updated_time',
  status: 'api.status',
} as const;

const matching = (tables: TenantTables, query: ApiQuery) =>
  tables.select('api').where((api) => api.and(searchConditions(api, query)));

/** Newest first unless asked otherwise; the id settles ties, so that pages do not overlap. */
const orderOf = ({ sortBy, sortOrder }: ApiQuery) =>
  ({
    column: sortColumns[sortBy ?? 'createdTime'],
    order: sortOrder ?? (sortBy === undefined ? 'desc' : 'asc'),
  }) as const;

export async function listApis(session: TenantSession, query: ApiQuery, page: PageRequest): Promise<Page<Api>> {
  const { column, order } = orderOf(query);
  const { total } = await session.read((tables) =>
    matching(tables, query)
      .select((it) => it.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow(),
  );
  if (page.limit === 0 || page.offset >= total) return { items: [], total };
  const found = await session.read((tables) =>
    matching(tables, query)
      .select(['api.document', 'api.has_thumbnail'])
      .orderBy(column, order)
      .orderBy('api.id', order)
      .limit(page.limit)
      .offset(page.offset)
      .execute(),
  );
  return { items: found.map(decodeApi), total };
}

/** Identities alone: some twenty times cheaper than the APIs. */
export async function outlineApis(session: TenantSession, query: ApiQuery): Promise<ApiOutline[]> {
  const { column, order } = orderOf(query);
  const rows = await session.read((tables) =>
    matching(tables, query)
      .select(['api.id', 'api.name_key', 'api.version_key', 'api.provider_key'])
      .orderBy(column, order)
      .orderBy('api.id', order)
      .execute(),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name_key,
    version: row.version_key,
    provider: row.provider_key,
  }));
}
