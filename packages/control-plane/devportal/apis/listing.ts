import type { Api, LifecycleStatus } from '@sluice/model';
import type { ApiOutline, ApiQueryTerm, OrganizationStore, Page, PageRequest } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';
import type { DevportalSettings } from '../settings.ts';
import { visibleTo } from './find.ts';
import { compareVersions } from './version-order.ts';

/** How many APIs are read at a time when all have to be looked at. */
const stride = 500;

/** A page of the APIs that the caller may see and that match. */
export async function listVisible(
  organization: OrganizationStore,
  settings: DevportalSettings,
  request: RestRequest,
  terms: readonly ApiQueryTerm[],
  page: PageRequest,
): Promise<Page<Api>> {
  const query = { terms, statuses: listed(settings), visibleTo: visibleTo(request), sortBy: 'name' as const };
  if (settings.displayMultipleVersions) return organization.apis.list(query, page);
  const newest = newestVersions(await organization.apis.outline(query));
  const chosen = newest.slice(page.offset, page.offset + page.limit);
  const items = await Promise.all(chosen.map(({ id }) => organization.apis.get(id)));
  return { items: items.filter((api) => api !== undefined), total: newest.length };
}

/** Every version of every API that the caller may see and that matches, by name. */
export async function* allVisible(
  organization: OrganizationStore,
  settings: DevportalSettings,
  request: RestRequest,
  terms: readonly ApiQueryTerm[] = [],
): AsyncIterable<Api> {
  const query = { terms, statuses: listed(settings), visibleTo: visibleTo(request), sortBy: 'name' as const };
  for (let offset = 0; ; offset += stride) {
    const { items } = await organization.apis.list(query, { offset, limit: stride });
    yield* items;
    if (items.length < stride) return;
  }
}

/** States whose APIs stand in lists. */
function listed(settings: DevportalSettings): LifecycleStatus[] {
  return settings.displayDeprecatedApis ? ['PUBLISHED', 'PROTOTYPED', 'DEPRECATED'] : ['PUBLISHED', 'PROTOTYPED'];
}

/** Versions belong together by name and provider, as in WSO2. */
function newestVersions(apis: readonly ApiOutline[]): ApiOutline[] {
  const newest = new Map<string, ApiOutline>();
  for (const api of apis) {
    const key = `${api.name}\n${api.provider}`;
    const known = newest.get(key);
    if (!known || compareVersions(api.version, known.version) > 0) newest.set(key, api);
  }
  return [...newest.values()];
}
