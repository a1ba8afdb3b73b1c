import { errors, type JsonObject, SluiceError } from '@sluice/model';
import type { RestHandlers } from '../../rest/handler.ts';
import { findApi, parameter } from '../apis/find.ts';
import type { PublisherDependencies } from '../dependencies.ts';

/** What the fields of a GraphQL API cost (wso2-policies-and-kinds.md 3.3). A change holds from the next revision on. */
export function complexityHandlers({ store }: PublisherDependencies): RestHandlers {
  return {
    getGraphQLPolicyComplexityOfAPI: async (request) => {
      const api = await findApi(store.organization(request.organization), request, parameter(request, 'apiId'));
      return { status: 200, body: { list: api.more.graphqlComplexity ?? [] } };
    },

    updateGraphQLPolicyComplexityOfAPI: async (request) => {
      const { list = [] } = request.body as JsonObject;
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const api = await findApi(organization, request, parameter(request, 'apiId'));
        if (api.type !== 'GRAPHQL') throw new SluiceError(errors.apiTypeFixed, { type: api.type });
        await organization.apis.update({
          ...api,
          more: { ...api.more, graphqlComplexity: list },
          updatedTime: Date.now(),
          updatedBy: request.principal.user,
        });
      });
      return { status: 200, body: { list } };
    },
  };
}
