import {
  type Api,
  type ApiScope,
  type CorsConfiguration,
  defaultCors,
  type JsonObject,
  type Operation,
  parseAuthType,
} from '@sluice/model';
import { lookUp } from '../../rest/description.ts';
import { description } from '../description.ts';

/** What a body decides about an API; the rest is its identity and its life, which other operations decide. */
export type ApiDraft = Omit<
  Api,
  | 'id'
  | 'organization'
  | 'name'
  | 'version'
  | 'context'
  | 'provider'
  | 'type'
  | 'status'
  | 'hasThumbnail'
  | 'createdTime'
  | 'updatedTime'
  | 'updatedBy'
>;

/** Members of WSO2's `API` that the model names; the others are kept as they came. */
const named = new Set(
  `id name displayName description context version provider lifeCycleStatus type hasThumbnail isDefaultVersion isRevision revisionedApiId revisionId
  transport tags policies apiThrottlingPolicy authorizationHeader apiKeyHeader securityScheme visibility visibleRoles accessControl accessControlRoles
  additionalProperties additionalPropertiesMap corsConfiguration endpointConfig endpointImplementationType scopes operations keyManagers workflowStatus
  createdTime lastUpdatedTimestamp lastUpdatedTime wsdlUrl initiatedFromGateway`.split(/\s+/),
);
const schema = lookUp(description, '#/components/schemas/API').properties as JsonObject;
const keptMembers = Object.keys(schema).filter((name) => !named.has(name));
const operationSchema = lookUp(description, '#/components/schemas/APIOperations').properties as JsonObject;
const namedOfOperation = new Set(['id', 'target', 'verb', 'authType', 'throttlingPolicy', 'scopes']);
const keptOfOperation = Object.keys(operationSchema).filter((name) => !namedOfOperation.has(name));

/** Verbs of the operations that an API gets when none are given, on `/*`. */
const usualVerbs = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The same for APIs whose operations are topics. */
const usualTopicVerbs = ['SUBSCRIBE'];
const topicTypes: ReadonlySet<string> = new Set(['WS', 'SSE', 'WEBSUB', 'WEBHOOK', 'ASYNC']);

/** WSO2's defaults for cross-origin calls (`wso2-control-plane.md` 1.3). */
const usualCors: CorsConfiguration = { ...defaultCors, corsConfigurationEnabled: false };

/** The shape of a validated body of WSO2's `API`; every member may be missing. */
interface ApiBody {
  displayName?: string;
  description?: string;
  isDefaultVersion?: boolean;
  transport?: string[];
  tags?: string[];
  policies?: string[];
  apiThrottlingPolicy?: string | null;
  authorizationHeader?: string;
  apiKeyHeader?: string;
  securityScheme?: string[];
  visibility: Api['visibility'];
  visibleRoles?: string[];
  accessControl: Api['accessControl'];
  accessControlRoles?: string[];
  additionalProperties?: PropertyBody[];
  additionalPropertiesMap?: Record<string, PropertyBody>;
  corsConfiguration?: Partial<CorsConfiguration>;
  endpointConfig?: JsonObject | null;
  endpointImplementationType: Api['endpointImplementationType'];
  scopes?: { scope: Partial<ApiScope>; shared?: boolean }[];
  operations?: (JsonObject & {
    id?: string;
    target?: string;
    verb?: string;
    authType?: string;
    throttlingPolicy?: string;
    scopes?: string[];
  })[];
  keyManagers?: string[];
}

interface PropertyBody {
  name?: string;
  value?: string;
  display?: boolean;
}

/** Reads a body of WSO2's `API` that passed its schema; `check.ts` judges what it says. */
export function readDraft(source: JsonObject): ApiDraft {
  const body = source as unknown as ApiBody;
  const isGraphql = source.type === 'GRAPHQL';
  const verbs = isGraphql ? [] : topicTypes.has(String(source.type)) ? usualTopicVerbs : usualVerbs;
  return {
    ...(body.displayName === undefined ? {} : { displayName: body.displayName }),
    ...(body.description === undefined ? {} : { description: body.description }),
    isDefaultVersion: body.isDefaultVersion ?? false,
    transport: given(body.transport) ?? ['http', 'https'],
    tags: distinct((body.tags ?? []).map((tag) => tag.trim()).filter((tag) => tag !== '')),
    policies: distinct(body.policies ?? []),
    apiThrottlingPolicy: body.apiThrottlingPolicy || null,
    authorizationHeader: body.authorizationHeader || 'Authorization',
    apiKeyHeader: body.apiKeyHeader || 'ApiKey',
    securityScheme: given(body.securityScheme) ?? ['oauth2', 'oauth_basic_auth_api_key_mandatory'],
    visibility: body.visibility,
    visibleRoles: distinct(body.visibleRoles ?? []),
    accessControl: body.accessControl,
    accessControlRoles: distinct(body.accessControlRoles ?? []),
    additionalProperties: (body.additionalProperties ?? Object.values(body.additionalPropertiesMap ?? {})).map(
      ({ name, value, display }) => ({ name: name ?? '', value: value ?? '', display: display ?? false }),
    ),
    corsConfiguration: { ...usualCors, ...body.corsConfiguration },
    endpointConfig: body.endpointConfig ?? null,
    endpointImplementationType: body.endpointImplementationType,
    scopes: (body.scopes ?? []).map(readScope),
    operations:
      given(body.operations)?.map((operation) => readOperation(operation, isGraphql)) ?? verbs.map(usualOperation),
    keyManagers: given(body.keyManagers) ?? ['all'],
    more: pick(source, keptMembers),
  };
}

function readScope({ scope, shared }: NonNullable<ApiBody['scopes']>[number]): ApiScope {
  return {
    name: scope.name ?? '',
    ...(scope.displayName === undefined ? {} : { displayName: scope.displayName }),
    ...(scope.description === undefined ? {} : { description: scope.description }),
    bindings: distinct(scope.bindings ?? []),
    shared: shared ?? false,
  };
}

/** The target of an operation is a path, or the name of a field. */
function readOperation(source: NonNullable<ApiBody['operations']>[number], isField: boolean): Operation {
  const { id, target = '/*', verb = '', authType = 'Any', throttlingPolicy, scopes } = source;
  const more = pick(source, keptOfOperation);
  return {
    ...(id ? { id } : {}),
    target: isField ? target.replace(/^\//, '') : target.startsWith('/') ? target : `/${target}`,
    verb: verb.toUpperCase(),
    authType: parseAuthType(authType) ?? 'Any',
    throttlingPolicy: throttlingPolicy || 'Unlimited',
    scopes: distinct(scopes ?? []),
    ...(Object.keys(more).length > 0 ? { more } : {}),
  };
}

function usualOperation(verb: string): Operation {
  return { target: '/*', verb, authType: 'Any', throttlingPolicy: 'Unlimited', scopes: [] };
}

function given<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function distinct(list: readonly string[]): string[] {
  return [...new Set(list)];
}

function pick(source: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const name of names) {
    const value = source[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
