import { randomUUID } from 'node:crypto';
import type { Api } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { announce, subscriptionEntry } from '../../feed/announce.ts';

const pageSize = 500;

/**
 * Gives the subscribers of older versions in use the same right to a version just published, on the plan they have if it is offered there too.
 * WSO2 does so unless the publisher asks for re-subscription.
 */
export async function carrySubscriptions(organization: OrganizationStore, published: Api, time: number): Promise<void> {
  const older = (await organization.apis.versions(published.name))
    .filter((api) => api.id !== published.id && api.createdTime < published.createdTime)
    .filter((api) => api.status === 'PUBLISHED' || api.status === 'DEPRECATED')
    .sort((left, right) => right.createdTime - left.createdTime);
  for (const api of older) await carryFrom(organization, api, published, time);
}

async function carryFrom(organization: OrganizationStore, older: Api, published: Api, time: number): Promise<void> {
  for (let offset = 0; ; offset += pageSize) {
    const page = await organization.subscriptions.list({ apiId: older.id }, { offset, limit: pageSize });
    for (const subscription of page.items) {
      const alive = ['UNBLOCKED', 'BLOCKED', 'PROD_ONLY_BLOCKED'].includes(subscription.status);
      if (!alive || !published.policies.includes(subscription.plan)) continue;
      if (await organization.subscriptions.find(subscription.applicationId, published.id)) continue;
      const carried = {
        ...subscription,
        id: randomUUID(),
        apiId: published.id,
        requestedPlan: subscription.plan,
        createdTime: time,
        updatedTime: time,
      };
      await organization.subscriptions.create(carried);
      await announce(organization.feed, subscriptionEntry(carried));
    }
    if (page.items.length < pageSize) return;
  }
}
