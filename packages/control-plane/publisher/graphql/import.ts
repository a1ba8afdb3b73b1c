import { type Api, type JsonObject, type Operation, packGraphqlSchema, SluiceError } from '@sluice/model';
import { requireValid, type SchemaCheck, type SchemaOperation } from '../../graphql/check-schema.ts';
import { examineSchema } from '../../graphql/examine.ts';
import type { RestRequest } from '../../rest/handler.ts';
import { createApi } from '../apis/create.ts';
import { readDraft } from '../apis/draft.ts';
import { readProperties, withoutNulls } from '../definitions/import.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { readSchemaSource } from './source.ts';

/** Creates an API from a GraphQL schema. Its operations are the schema's, with what `additionalProperties` says of those of the same name. */
export async function importSchema(deps: PublisherDependencies, request: RestRequest): Promise<Api> {
  const body: JsonObject = { ...withoutNulls(readProperties(request.fields.additionalProperties)), type: 'GRAPHQL' };
  const text = await readSchemaSource(request, deps.settings);
  const check = await examineSchema(text);
  requireValid(check);
  await request.check('API', body);
  const operations = operationsOf(check, readDraft(body).operations);
  return createApi(deps, request, body, { draft: { operations }, more: { graphqlSchema: packGraphqlSchema(text) } });
}

/** WSO2's `GraphQLValidationResponse`. What is wrong with the schema, or with fetching it, is an answer here and no error. */
export async function judgeSchema(request: RestRequest, deps: PublisherDependencies): Promise<JsonObject> {
  if (request.query.useIntrospection === true) {
    return {
      isValid: false,
      errorMessage: 'Endpoints are not asked for their schema here: give it as a file or a URL.',
    };
  }
  let text: string;
  try {
    text = await readSchemaSource(request, deps.settings);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.entry.key === 'graphql-schema-missing') throw error;
    return { isValid: false, errorMessage: error.description };
  }
  const check = await examineSchema(text);
  if (check.refusal !== null) return { isValid: false, errorMessage: check.refusal };
  const operations = operationsOf(check, []).map(({ target, verb, throttlingPolicy }) => ({
    ...{ target, verb, throttlingPolicy },
    ...{ authType: 'Application & Application User', scopes: [] },
  }));
  const graphQLSchema = { name: request.files.file?.filename ?? '', schemaDefinition: text };
  return { isValid: true, errorMessage: '', graphQLInfo: { operations, graphQLSchema } };
}

/** The fields at the top of a schema as operations; those that were there keep their settings. */
export function operationsOf({ operations }: SchemaCheck, known: readonly Operation[]): Operation[] {
  const before = new Map(known.map((operation) => [nameOf(operation), operation]));
  return operations.map(
    ({ target, verb }) =>
      before.get(nameOf({ target, verb })) ?? {
        ...{ target, verb, authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [] },
      },
  );
}

function nameOf({ target, verb }: Pick<Operation, 'target' | 'verb'> | SchemaOperation): string {
  return `${verb} ${target}`;
}
