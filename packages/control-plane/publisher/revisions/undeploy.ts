import type { Api } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { subscriptionEntry, withdraw } from '../../feed/announce.ts';

const pageSize = 500;

/** Takes an API off the gateways of an environment; false when it was not there. Call it in a transaction. */
export async function undeploy(organization: OrganizationStore, apiId: string, environment: string): Promise<boolean> {
  if (!(await organization.deployments.remove(apiId, environment))) return false;
  await organization.feed.append({ environment, kind: 'api', id: apiId, value: null });
  return true;
}

/** Takes an API off all gateways. */
export async function undeployEverywhere(organization: OrganizationStore, apiId: string): Promise<void> {
  for (const { environment } of await organization.deployments.list(apiId)) {
    await undeploy(organization, apiId, environment);
  }
}

/** The end of an API's life: it is served nowhere, and nobody is subscribed to it, so that it can be deleted. */
export async function retire(organization: OrganizationStore, api: Api): Promise<void> {
  await undeployEverywhere(organization, api.id);
  for (;;) {
    const page = await organization.subscriptions.list({ apiId: api.id }, { offset: 0, limit: pageSize });
    for (const subscription of page.items) {
      await organization.subscriptions.remove(subscription.id);
      await withdraw(organization.feed, subscriptionEntry(subscription));
    }
    if (page.items.length < pageSize) return;
  }
}
