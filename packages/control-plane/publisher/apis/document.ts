import { type Api, type ApiScope, formatAuthType, type Json, type JsonObject, type Operation } from '@sluice/model';
import { withoutGraphqlPart } from './graphql-part.ts';
import { withoutSecrets } from './secrets.ts';

/** WSO2's `API`: the working copy as the publisher shows it. Backend passwords stay here. */
export function apiDocument(api: Api): JsonObject {
  return {
    ...withoutGraphqlPart(api.more),
    id: api.id,
    name: api.name,
    ...(api.displayName === undefined ? {} : { displayName: api.displayName }),
    ...(api.description === undefined ? {} : { description: api.description }),
    context: api.context,
    version: api.version,
    provider: api.provider,
    lifeCycleStatus: api.status,
    type: api.type,
    hasThumbnail: api.hasThumbnail,
    isDefaultVersion: api.isDefaultVersion,
    isRevision: false,
    revisionId: 0,
    transport: [...api.transport],
    tags: [...api.tags],
    policies: [...api.policies],
    apiThrottlingPolicy: api.apiThrottlingPolicy,
    authorizationHeader: api.authorizationHeader ?? 'Authorization',
    apiKeyHeader: api.apiKeyHeader ?? 'ApiKey',
    securityScheme: [...api.securityScheme],
    visibility: api.visibility,
    visibleRoles: [...api.visibleRoles],
    accessControl: api.accessControl,
    accessControlRoles: [...api.accessControlRoles],
    additionalProperties: properties(api),
    additionalPropertiesMap: Object.fromEntries(properties(api).map((property) => [String(property.name), property])),
    ...(api.corsConfiguration ? { corsConfiguration: plain(api.corsConfiguration) } : {}),
    endpointConfig: api.endpointConfig === null ? null : withoutSecrets(api.endpointConfig),
    endpointImplementationType: api.endpointImplementationType,
    scopes: api.scopes.map(scopeDocument),
    operations: api.operations.map(operationDocument),
    keyManagers: [...api.keyManagers],
    workflowStatus: '',
    createdTime: String(api.createdTime),
    lastUpdatedTimestamp: String(api.updatedTime),
    lastUpdatedTime: new Date(api.updatedTime).toISOString().slice(0, -1).replace('T', ' '),
  };
}

/** WSO2's `APIInfo`: an API in a list. */
export function apiSummary(api: Api): JsonObject {
  const business = object(api.more.businessInformation);
  return {
    id: api.id,
    name: api.name,
    displayName: api.displayName ?? api.name,
    description: api.description ?? '',
    context: api.context,
    version: api.version,
    provider: api.provider,
    type: api.type,
    subtype: String(object(api.more.subtypeConfiguration).subtype ?? 'DEFAULT'),
    lifeCycleStatus: api.status,
    workflowStatus: '',
    hasThumbnail: api.hasThumbnail,
    securityScheme: [...api.securityScheme],
    additionalProperties: properties(api),
    additionalPropertiesMap: Object.fromEntries(properties(api).map((property) => [String(property.name), property])),
    createdTime: String(api.createdTime),
    updatedTime: String(api.updatedTime),
    updatedBy: api.updatedBy,
    ...members(api.more, ['audience', 'audiences', 'gatewayVendor', 'gatewayType', 'egress']),
    advertiseOnly: object(api.more.advertiseInfo).advertised === true,
    monetizedInfo: object(api.more.monetization).enabled === true,
    ...members(business, ['businessOwner', 'businessOwnerEmail']),
    ...(typeof business.technicalOwner === 'string' ? { TechnicalOwner: business.technicalOwner } : {}),
    ...(typeof business.technicalOwnerEmail === 'string' ? { TechnicalOwnerEmail: business.technicalOwnerEmail } : {}),
  };
}

/** WSO2's `APIOperations`. */
export function operationDocument(operation: Operation): JsonObject {
  const { id, target, verb, authType, throttlingPolicy, scopes, more } = operation;
  return {
    ...more,
    ...(id === undefined ? {} : { id }),
    target,
    verb,
    authType: formatAuthType(authType),
    throttlingPolicy,
    scopes: [...scopes],
  };
}

function scopeDocument(scope: ApiScope): JsonObject {
  const { name, displayName, description, bindings, shared } = scope;
  return {
    scope: { name, displayName: displayName ?? name, description: description ?? '', bindings: [...bindings] },
    shared,
  };
}

function properties(api: Api): JsonObject[] {
  return api.additionalProperties.map(({ name, value, display }) => ({ name, value, display }));
}

function members(source: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(source, name)).map((name) => [name, source[name] as Json]),
  );
}

function object(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

/** The same without `readonly`, as JSON is declared. */
function plain(value: object): JsonObject {
  return value as unknown as JsonObject;
}
