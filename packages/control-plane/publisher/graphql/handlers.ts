import { type Api, type JsonObject, packGraphqlSchema } from '@sluice/model';
import { requireValid } from '../../graphql/check-schema.ts';
import { examineSchema } from '../../graphql/examine.ts';
import { requireGraphql, schemaOf, schemaTypes } from '../../graphql/schema.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { warnOfEndpoints } from '../../timeouts/warn.ts';
import { apiDocument } from '../apis/document.ts';
import { findApi, parameter } from '../apis/find.ts';
import { replaceApi } from '../apis/update.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { importSchema, judgeSchema, operationsOf } from './import.ts';
import { readSchemaSource } from './source.ts';

/** Schemas of GraphQL APIs, and what their fields cost (wso2-policies-and-kinds.md 3). A change holds from the next revision on. */
export function graphqlHandlers(deps: PublisherDependencies): RestHandlers {
  const { store, settings } = deps;
  const find = (request: RestRequest) =>
    findGraphql(store.organization(request.organization), request, parameter(request, 'apiId'));

  return {
    importGraphQLSchema: async (request) => {
      const api = await importSchema(deps, request);
      const location = `${request.baseUrl}/api/am/publisher/v4/apis/${api.id}`;
      const warnings = await warnOfEndpoints(store.organization(request.organization), api, deps);
      return { status: 201, headers: { location, ...warnings }, body: apiDocument(api) };
    },

    validateGraphQLSchema: async (request) => ({ status: 200, body: await judgeSchema(request, deps) }),

    getAPIGraphQLSchema: async (request) => {
      const api = await find(request);
      const name = `${api.provider}--${api.name}${api.version}.graphql`;
      return { status: 200, body: { name, schemaDefinition: schemaOf(api) } };
    },

    updateAPIGraphQLSchema: async (request) => {
      await find(request);
      const text = await readSchemaSource(request, settings);
      const check = await examineSchema(text);
      requireValid(check);
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const present = await findGraphql(organization, request, parameter(request, 'apiId'));
        await replaceApi(organization, present, {
          ...changed(present, request, { graphqlSchema: packGraphqlSchema(text) }),
          operations: operationsOf(check, present.operations),
        });
      });
      return { status: 200 };
    },

    getGraphQLPolicyComplexityOfAPI: async (request) => {
      return { status: 200, body: { list: (await find(request)).more.graphqlComplexity ?? [] } };
    },

    updateGraphQLPolicyComplexityOfAPI: async (request) => {
      const { list = [] } = (request.body ?? {}) as JsonObject;
      await store.transaction(async (tx) => {
        const organization = tx.organization(request.organization);
        const present = await findGraphql(organization, request, parameter(request, 'apiId'));
        await organization.apis.update(changed(present, request, { graphqlComplexity: list }));
      });
      return { status: 200 };
    },

    getGraphQLPolicyComplexityTypesOfAPI: async (request) => ({
      status: 200,
      body: await schemaTypes(await find(request)),
    }),
  };
}

async function findGraphql(...[organization, request, id]: Parameters<typeof findApi>): Promise<Api> {
  return requireGraphql(await findApi(organization, request, id));
}

function changed(api: Api, { principal }: RestRequest, more: JsonObject): Api {
  return { ...api, more: { ...api.more, ...more }, updatedTime: Date.now(), updatedBy: principal.user };
}
