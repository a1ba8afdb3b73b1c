import type { Api } from '@sluice/model';
import type { ApiQuery, Page, PageRequest } from '../store.ts';
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

/** Newest first unless asked otherwise; the id settles ties, so that pages do not overlap. */
export async function listApis(session: TenantSession, query: ApiQuery, page: PageRequest): Promise<Page<Api>> {
  const matching = (tables: TenantTables) => tables.select('api').where((api) => api.and(searchConditions(api, query)));
  const order = query.sortOrder ?? (query.sortBy === undefined ? 'desc' : 'asc');

  const { total } = await session.read((tables) =>
    matching(tables)
      .select((it) => it.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow(),
  );
  if (page.limit === 0 || page.offset >= total) return { items: [], total };
  const found = await session.read((tables) =>
    matching(tables)
      .select(['api.document', 'api.has_thumbnail'])
      .orderBy(sortColumns[query.sortBy ?? 'createdTime'], order)
      .orderBy('api.id', order)
      .limit(page.limit)
      .offset(page.offset)
      .execute(),
  );
  return { items: found.map(decodeApi), total };
}
