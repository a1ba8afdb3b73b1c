import type { JsonObject } from '@sluice/model';
import type { PageRequest } from '@sluice/store';
import type { RestRequest } from './handler.ts';

/** More than this is not given in one answer. */
const largestPage = 1000;

/** The page that `limit` and `offset` ask for; the description's defaults fill them. */
export function pageOf(request: RestRequest): PageRequest {
  return { offset: count(request.query.offset, 0), limit: Math.min(count(request.query.limit, 25), largestPage) };
}

function count(value: unknown, fallback: number): number {
  return typeof value === 'number' && value >= 0 ? Math.floor(value) : fallback;
}

/**
 * A list as WSO2 answers it: `{count, list, pagination}`. `next` and `previous` are paths below the portal, empty where there is no such page.
 * `kept` are the query parameters that belong into them.
 */
export function listView(
  path: string,
  page: PageRequest,
  total: number,
  list: JsonObject[],
  kept: Readonly<Record<string, unknown>> = {},
): JsonObject {
  const link = (offset: number): string => {
    const query = new URLSearchParams({ limit: String(page.limit), offset: String(offset) });
    for (const [name, value] of Object.entries(kept)) {
      if (value !== undefined && value !== '') query.set(name, String(value));
    }
    return `${path}?${query}`;
  };
  const { offset, limit } = page;
  return {
    count: list.length,
    list,
    pagination: {
      offset,
      limit,
      total,
      next: limit > 0 && offset + limit < total ? link(offset + limit) : '',
      previous: offset > 0 && offset < total + limit ? link(Math.max(0, offset - limit)) : '',
    },
  };
}
