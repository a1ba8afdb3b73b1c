import { type Api, errors, type JsonObject, SluiceError, unpackGraphqlSchema } from '@sluice/model';
import { examineSchema } from './examine.ts';

/** WSO2's `GraphQLSchemaTypeList`: the types of an API's schema with their fields. Throws 404 when it has none. */
export async function schemaTypes(api: Api): Promise<JsonObject> {
  const { types } = await examineSchema(schemaOf(api));
  return { typeList: types.map(({ type, fieldList }) => ({ type, fieldList: [...fieldList] })) };
}

/** The schema of an API. Throws 404 when it has none. */
export function schemaOf({ id, more: { graphqlSchema } }: Api): string {
  if (typeof graphqlSchema !== 'string') throw new SluiceError(errors.graphqlSchemaNotFound, { id });
  return unpackGraphqlSchema(graphqlSchema);
}

/** The API when it is one of GraphQL. Throws 400 for others. */
export function requireGraphql(api: Api): Api {
  if (api.type === 'GRAPHQL') return api;
  throw new SluiceError(errors.apiNotGraphql, { id: api.id, type: api.type });
}
