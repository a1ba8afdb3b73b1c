import type { JsonObject, Subscription } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { apiInfo } from '../apis/view.ts';
import { applicationInfo } from '../applications/view.ts';

/** WSO2's `Subscription` of each, every API and application looked up once. */
export async function subscriptionViews(
  organization: OrganizationStore,
  subscriptions: readonly Subscription[],
): Promise<JsonObject[]> {
  const api = once(async (id) => {
    const found = await organization.apis.get(id);
    return found ? { apiInfo: apiInfo(found) } : {};
  });
  const application = once(async (id) => {
    const found = await organization.applications.get(id);
    return found ? { applicationInfo: await applicationInfo(organization, found) } : {};
  });
  return Promise.all(
    subscriptions.map(async (subscription) => ({
      subscriptionId: subscription.id,
      applicationId: subscription.applicationId,
      apiId: subscription.apiId,
      ...(await api(subscription.apiId)),
      ...(await application(subscription.applicationId)),
      throttlingPolicy: subscription.plan,
      requestedThrottlingPolicy: subscription.requestedPlan,
      status: subscription.status,
      redirectionParams: null,
    })),
  );
}

/** Looks each id up once. */
function once(look: (id: string) => Promise<JsonObject>): (id: string) => Promise<JsonObject> {
  const known = new Map<string, Promise<JsonObject>>();
  return (id) => {
    const found = known.get(id) ?? look(id);
    known.set(id, found);
    return found;
  };
}
