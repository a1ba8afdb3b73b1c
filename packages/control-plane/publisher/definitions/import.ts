import {
  type Api,
  type DefinitionInfo,
  endpointConfigOf,
  errors,
  type Json,
  type JsonObject,
  operationsOf,
  SluiceError,
  scopesOf,
  settingsOf,
  validateDefinition,
} from '@sluice/model';
import type { RestRequest } from '../../rest/handler.ts';
import { parseJson } from '../../rest/json.ts';
import { createApi } from '../apis/create.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { readSource } from './source.ts';

/** Creates an API from an OpenAPI definition. What `additionalProperties` says goes before what the definition suggests; operations are the definition's. */
export async function importDefinition(deps: PublisherDependencies, request: RestRequest): Promise<Api> {
  const properties = readProperties(request.fields.additionalProperties);
  const source = await readSource(request, deps.settings);
  const { refusal, document, info } = await validateDefinition(source, { maxBytes: deps.settings.definitionBytes });
  if (refusal) throw refusal;
  if (!document || !info) throw new SluiceError(errors.openapiUnrecognized);
  const operations = operationsOf(document);
  if (operations.length === 0) throw new SluiceError(errors.noOperations);
  const body: JsonObject = { ...suggested(info, document), ...withoutNulls(properties) };
  await request.check('API', body);
  return createApi(deps, request, body, { document, draft: { operations, scopes: scopesOf(document) } });
}

/** The members of an API that a form brings as JSON. Throws 400 when they cannot be read. */
export function readProperties(text: string | undefined): JsonObject {
  if (text === undefined || text.trim() === '') return {};
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new SluiceError(errors.additionalPropertiesMalformed, { detail: (cause as Error).message }, { cause });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw new SluiceError(errors.additionalPropertiesMalformed, { detail: 'it is no JSON object' });
  }
  return value;
}

/** What the definition says of an API that nobody said more about. */
function suggested(info: DefinitionInfo, document: JsonObject): JsonObject {
  const name = info.name
    .replace(/[~!@#;:%^*()+={}|\\<>"',&$[\]/]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return {
    name,
    version: info.version.replace(/[^A-Za-z0-9._~-]+/g, '-').slice(0, 30),
    context: info.context ?? `/${name.toLowerCase().replace(/[^a-z0-9._~-]+/g, '-')}`,
    ...(info.description === null ? {} : { description: info.description.slice(0, 32_766) }),
    endpointConfig: endpointConfigOf(document),
    ...(settingsOf(document) as JsonObject),
  };
}

/** WSO2's portal sends null for what was left blank. */
export function withoutNulls(properties: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}
