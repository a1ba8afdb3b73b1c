import { type Api, errors, type JsonObject, SluiceError } from '@sluice/model';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { readSearchQuery } from '../../rest/search-query.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { parameter, visibility } from './find.ts';

/** Search by text, and the probes by which forms tell whether a name or a context is free. */
export function searchHandlers({ store }: PublisherDependencies): RestHandlers {
  return {
    search: async (request) => {
      const page = pageOf(request);
      const query = parameter(request, 'query');
      const found = await store
        .organization(request.organization)
        .apis.list(
          { terms: readSearchQuery(query, 'any'), ...visibility(request), sortBy: 'name', sortOrder: 'asc' },
          page,
        );
      return { status: 200, body: listView('/search', page, found.total, found.items.map(searchResult), { query }) };
    },

    validateAPI: async (request) => {
      if (!(await exists(request))) throw new SluiceError(errors.resourceNotFound, { detail: 'There is no such API.' });
      return { status: 200 };
    },
  };

  async function exists(request: RestRequest): Promise<boolean> {
    const { apis } = store.organization(request.organization);
    const query = parameter(request, 'query');
    const [, key = 'name', value = ''] = /^(?:(name|context|version):)?(.*)$/is.exec(query) ?? [];
    const wanted = value.replaceAll('"', '').trim();
    if (wanted === '') throw new SluiceError(errors.parameterMissing, { name: 'query' });
    const isContext = key.toLowerCase() === 'context' || wanted.startsWith('/');
    if (isContext) return (await apis.byContext(wanted.startsWith('/') ? wanted : `/${wanted}`)).length > 0;
    return (await apis.versions(wanted)).length > 0;
  }
}

/** An API among other things that can be found. */
function searchResult(api: Api): JsonObject {
  return {
    id: api.id,
    name: api.name,
    type: 'API',
    transportType: api.type,
    displayName: api.displayName ?? api.name,
    description: api.description ?? '',
    context: api.context,
    version: api.version,
    provider: api.provider,
    lifeCycleStatus: api.status,
    status: api.status,
    hasThumbnail: api.hasThumbnail,
    ...(api.hasThumbnail ? { thumbnailUri: `/apis/${api.id}/thumbnail` } : {}),
    createdTime: String(api.createdTime),
    updatedTime: String(api.updatedTime),
    updatedBy: api.updatedBy,
  };
}
