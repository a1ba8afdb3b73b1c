import type { Api, Application, JsonObject } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

/** WSO2's `ApplicationInfo`: the short form for lists. */
export async function applicationInfo(organization: OrganizationStore, application: Application): Promise<JsonObject> {
  return {
    applicationId: application.id,
    name: application.name,
    throttlingPolicy: application.throttlingPolicy,
    description: application.description,
    status: application.status,
    groups: [...application.groups],
    subscriptionCount: await subscriptionCount(organization, application.id),
    attributes: { ...application.attributes },
    owner: application.owner,
    tokenType: application.tokenType,
    createdTime: String(application.createdTime),
    updatedTime: String(application.updatedTime),
  };
}

/** WSO2's `Application`. `keys` are views of the application's keys. */
export async function applicationView(
  organization: OrganizationStore,
  application: Application,
  keys: JsonObject[],
): Promise<JsonObject> {
  return {
    ...(await applicationInfo(organization, application)),
    keys,
    subscriptionScopes: await subscriptionScopes(organization, application.id),
    hashEnabled: false,
    visibility: application.visibility,
  };
}

async function subscriptionCount(organization: OrganizationStore, applicationId: string): Promise<number> {
  return (await organization.subscriptions.list({ applicationId }, { offset: 0, limit: 0 })).total;
}

/** At most this many subscriptions are looked through for scopes. */
const mostSubscriptions = 1000;

/** Scopes of the APIs that the application is subscribed to; apictl asks for them all when it gets a token. */
async function subscriptionScopes(organization: OrganizationStore, applicationId: string): Promise<JsonObject[]> {
  const page = await organization.subscriptions.list({ applicationId }, { offset: 0, limit: mostSubscriptions });
  const scopes = new Map<string, JsonObject>();
  for (const { apiId } of page.items) {
    const api = await organization.apis.get(apiId);
    for (const scope of api ? scopeViews(api) : []) scopes.set(String(scope.key), scope);
  }
  return [...scopes.values()];
}

/** WSO2's `ScopeInfo` of each scope of an API. */
export function scopeViews(api: Api): JsonObject[] {
  return api.scopes.map((scope) => ({
    key: scope.name,
    name: scope.displayName ?? scope.name,
    roles: [...scope.bindings],
    description: scope.description ?? '',
  }));
}
