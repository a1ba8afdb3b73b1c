import { type Api, basePathOf, type Json, type JsonObject } from '@sluice/model';
import { scopeViews } from '../applications/view.ts';

/** WSO2's `APIInfo`: the short form for lists. */
export function apiInfo(api: Api): JsonObject {
  return {
    id: api.id,
    name: api.name,
    displayName: api.displayName ?? api.name,
    description: api.description ?? '',
    // With the version, unlike in the publisher.
    context: basePathOf(api),
    version: api.version,
    type: api.type,
    createdTime: String(api.createdTime),
    provider: api.provider,
    lifeCycleStatus: api.status,
    ...(api.hasThumbnail ? { thumbnailUri: thumbnailUri(api) } : {}),
    throttlingPolicies: [...api.policies],
    ...kept(api, ['advertiseInfo', 'businessInformation']),
    isSubscriptionAvailable: isSubscriptionAvailable(api),
    additionalProperties: shownProperties(api),
  };
}

/** WSO2's `API`, without what needs a look into other tables. */
export function apiView(api: Api): JsonObject {
  return {
    id: api.id,
    name: api.name,
    displayName: api.displayName ?? api.name,
    description: api.description ?? '',
    context: basePathOf(api),
    version: api.version,
    provider: api.provider,
    lifeCycleStatus: api.status,
    isDefaultVersion: api.isDefaultVersion,
    type: api.type,
    transport: [...api.transport],
    operations: api.operations.map(({ id, target, verb }) => ({ ...(id === undefined ? {} : { id }), target, verb })),
    ...(api.authorizationHeader === undefined ? {} : { authorizationHeader: api.authorizationHeader }),
    ...(api.apiKeyHeader === undefined ? {} : { apiKeyHeader: api.apiKeyHeader }),
    securityScheme: [...api.securityScheme],
    tags: [...api.tags],
    hasThumbnail: api.hasThumbnail,
    additionalProperties: shownProperties(api),
    ...kept(api, ['advertiseInfo', 'businessInformation']),
    scopes: scopeViews(api),
    isSubscriptionAvailable: isSubscriptionAvailable(api),
    categories: names(api.more.categories),
    keyManagers: [...api.keyManagers],
    createdTime: String(api.createdTime),
    lastUpdatedTime: String(api.updatedTime),
  };
}

/** WSO2's `APISearchResult`. */
export function apiFinding(api: Api): JsonObject {
  return {
    id: api.id,
    name: api.name,
    type: 'API',
    transportType: api.type,
    displayName: api.displayName ?? api.name,
    description: api.description ?? '',
    context: basePathOf(api),
    version: api.version,
    provider: api.provider,
    status: api.status,
    ...(api.hasThumbnail ? { thumbnailUri: thumbnailUri(api) } : {}),
    ...kept(api, ['advertiseInfo', 'businessInformation']),
  };
}

function isSubscriptionAvailable(api: Api): boolean {
  return api.status === 'PUBLISHED' && api.policies.length > 0;
}

function thumbnailUri(api: Api): string {
  return `/apis/${api.id}/thumbnail`;
}

/** Properties that the publisher chose to show. */
function shownProperties(api: Api): JsonObject[] {
  return api.additionalProperties
    .filter(({ display }) => display)
    .map(({ name, value, display }) => ({ name, value, display }));
}

/** Members that the publisher wrote and nothing else reads, in the shape that consumers may see. */
function kept(api: Api, members: readonly (keyof typeof consumerMembers)[]): JsonObject {
  const view: JsonObject = {};
  for (const member of members) {
    const given = api.more[member];
    if (given === null || typeof given !== 'object' || Array.isArray(given)) continue;
    const fields = Object.entries(given).filter(
      ([name, value]) => consumerMembers[member].includes(name) && value !== null,
    );
    view[member] = Object.fromEntries(fields);
  }
  return view;
}

const consumerMembers = {
  advertiseInfo: [
    'advertised',
    'apiExternalProductionEndpoint',
    'apiExternalSandboxEndpoint',
    'originalDevPortalUrl',
    'apiOwner',
    'vendor',
  ],
  businessInformation: ['businessOwner', 'businessOwnerEmail', 'technicalOwner', 'technicalOwnerEmail'],
} as const satisfies Record<string, readonly string[]> as Readonly<
  Record<'advertiseInfo' | 'businessInformation', readonly string[]>
>;

function names(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : [];
}
