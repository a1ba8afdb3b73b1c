import type { Api } from '@sluice/model';
import { requireGraphql, schemaOf, schemaTypes } from '../../graphql/schema.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import type { DevportalDependencies } from '../settings.ts';
import { visibleApi } from './find.ts';

/** What consumers may know of a GraphQL API: its schema, and what its fields cost. */
export function graphqlHandlers({ store }: DevportalDependencies): RestHandlers {
  const find = async (request: RestRequest): Promise<Api> => {
    const organization = store.organization(request.organization);
    return requireGraphql(await visibleApi(organization, request, request.path.apiId ?? ''));
  };
  return {
    getApiGraphqlSchema: async (request) => {
      const headers = { 'content-type': 'text/plain' };
      return { status: 200, headers, body: schemaOf(await find(request)) };
    },

    getApiGraphqlComplexity: async (request) => {
      return { status: 200, body: { list: (await find(request)).more.graphqlComplexity ?? [] } };
    },

    getApiGraphqlTypes: async (request) => ({ status: 200, body: await schemaTypes(await find(request)) }),
  };
}
