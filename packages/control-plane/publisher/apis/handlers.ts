import { type Api, basePathOf, type JsonObject } from '@sluice/model';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { readSearchQuery } from '../../rest/search-query.ts';
import { warnOfEndpoints } from '../../timeouts/warn.ts';
import { withWsdlAddresses } from '../../wsdl/addresses.ts';
import { textFetcher } from '../../wsdl/fetch.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { checkDraft } from './check.ts';
import { copyApi } from './copy.ts';
import { createApi } from './create.ts';
import { apiDocument, apiSummary } from './document.ts';
import { findApi, parameter, visibility } from './find.ts';
import { removeApi } from './remove.ts';
import { changedApi, replaceApi } from './update.ts';

/** APIs: list, create, read, replace, delete, copy, test key, paths. */
export function apiHandlers(deps: PublisherDependencies): RestHandlers {
  const { store, keyManager } = deps;
  const find = (request: RestRequest) =>
    findApi(store.organization(request.organization), request, parameter(request, 'apiId'));
  const warn = (request: RestRequest, api: Api) => warnOfEndpoints(store.organization(request.organization), api, deps);

  /** The request with the addresses of WSDL endpoints, which are read before the transaction. */
  const addressed = async (request: RestRequest, before: Api): Promise<RestRequest> => {
    const body = request.body as JsonObject & { readonly endpointConfig?: JsonObject | null };
    if (!body.endpointConfig) return request;
    const read = textFetcher(deps.settings);
    const endpointConfig = await withWsdlAddresses(body.endpointConfig, before.endpointConfig, read);
    return { ...request, body: { ...body, endpointConfig } };
  };

  return {
    getAllAPIs: async (request) => {
      const page = pageOf(request);
      const query = parameter(request, 'query');
      const found = await store
        .organization(request.organization)
        .apis.list(
          { terms: readSearchQuery(query, 'name'), ...visibility(request), sortBy: 'createdTime', sortOrder: 'desc' },
          page,
        );
      return { status: 200, body: listView('/apis', page, found.total, found.items.map(apiSummary), { query }) };
    },

    createAPI: async (request) => {
      const api = await createApi(deps, request, request.body as JsonObject);
      return {
        status: 201,
        headers: { ...locationOf(request, api.id), ...(await warn(request, api)) },
        body: apiDocument(api),
      };
    },

    getAPI: async (request) => ({ status: 200, body: apiDocument(await find(request)) }),

    updateAPI: async (given) => {
      const before = await find(given);
      const request = await addressed(given, before);
      await checkDraft(changedApi(request, before), {
        ...{ organization: store.organization(request.organization), name: before.name, before },
        roles: { keyManager, organization: request.organization },
        plans: deps.plans,
      });
      const api = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const present = await findApi(organization, request, parameter(request, 'apiId'));
        const changed = changedApi(request, present);
        await replaceApi(organization, present, changed);
        return changed;
      });
      return { status: 200, headers: await warn(request, api), body: apiDocument(api) };
    },

    deleteAPI: async (request) => {
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        await removeApi(organization, await findApi(organization, request, parameter(request, 'apiId')));
      });
      return { status: 200 };
    },

    createNewAPIVersion: async (request) => {
      const copy = await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        return copyApi(organization, await findApi(organization, request, parameter(request, 'apiId')), {
          version: parameter(request, 'newVersion'),
          isDefaultVersion: request.query.defaultVersion === true,
          user: request.principal.user,
          time: Date.now(),
        });
      });
      return { status: 201, headers: locationOf(request, copy.id), body: apiDocument(copy) };
    },

    generateInternalAPIKey: async (request) => {
      const api = await find(request);
      const { key, validitySeconds } = await keyManager.issueInternalKey({
        organization: request.organization,
        user: request.principal.user,
        api: { id: api.id, name: api.name, context: basePathOf(api), version: api.version },
        keyType: 'PRODUCTION',
      });
      return { status: 200, body: { apikey: key, validityTime: validitySeconds } };
    },

    getAPIResourcePaths: async (request) => {
      const api = await find(request);
      const page = pageOf(request);
      const paths = api.operations.map(({ target, verb }, index) => ({
        id: index + 1,
        resourcePath: target,
        httpVerb: verb,
      }));
      const list = paths.slice(page.offset, page.offset + page.limit);
      return { status: 200, body: listView(`/apis/${api.id}/resource-paths`, page, paths.length, list) };
    },
  };
}

function locationOf(request: RestRequest, id: string): Record<string, string> {
  return { location: `${request.baseUrl}/api/am/publisher/v4/apis/${id}` };
}
