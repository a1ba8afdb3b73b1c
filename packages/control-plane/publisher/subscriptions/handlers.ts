import {
  type Application,
  errors,
  type JsonObject,
  SluiceError,
  type Subscription,
  type SubscriptionStatus,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { announce, subscriptionEntry } from '../../feed/announce.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { findApi, mayAccess, parameter } from '../apis/find.ts';
import type { PublisherDependencies } from '../dependencies.ts';

type Change = (subscription: Subscription, organization: OrganizationStore) => Promise<Partial<Subscription>>;

/** Subscriptions as the publisher of an API sees them. */
export function subscriptionHandlers({ store }: PublisherDependencies): RestHandlers {
  /** Changes a subscription of an API that the caller may see, and tells the gateways. */
  const change = async (request: RestRequest, what: Change) => {
    const view = await store.transaction(async (tx) => {
      const organization = tx.organization(request.organization);
      const present = await findSubscription(organization, request);
      const changed = { ...present, ...(await what(present, organization)), updatedTime: Date.now() };
      await organization.subscriptions.update(changed);
      await announce(organization.feed, subscriptionEntry(changed));
      return subscriptionView(organization, changed);
    });
    return { status: 200, body: view };
  };

  return {
    getSubscriptions: async (request) => {
      const organization = store.organization(request.organization);
      const apiId = parameter(request, 'apiId');
      if (apiId !== '') await findApi(organization, request, apiId);
      const page = pageOf(request);
      const subscriber = /^(?:user|subscriber|name):(.+)$/i.exec(parameter(request, 'query'))?.[1];
      const found = await organization.subscriptions.list(
        { ...(apiId === '' ? {} : { apiId }), ...(subscriber === undefined ? {} : { subscriber }) },
        page,
      );
      const list: JsonObject[] = [];
      for (const subscription of found.items) {
        const api = await organization.apis.get(subscription.apiId);
        if (api && mayAccess(api, request)) list.push(await subscriptionView(organization, subscription));
      }
      const { query } = request.query;
      return { status: 200, body: listView('/subscriptions', page, found.total, list, { apiId, query }) };
    },

    getSubscriberInfoBySubscriptionId: async (request) => {
      const organization = store.organization(request.organization);
      const subscription = await findSubscription(organization, request);
      return { status: 200, body: { name: subscription.subscriber, claims: [] } };
    },

    blockSubscription: (request) =>
      change(request, async () => ({ status: parameter(request, 'blockState') as SubscriptionStatus })),

    unBlockSubscription: (request) => change(request, async () => ({ status: 'UNBLOCKED' })),

    changeSubscriptionBusinessPlan: (request) =>
      change(request, async (subscription, { apis }) => {
        const plan = parameter(request, 'businessPlan');
        const api = await apis.get(subscription.apiId);
        if (!api?.policies.includes(plan)) throw new SluiceError(errors.tierInvalid, { name: plan });
        if (subscription.status === 'TIER_UPDATE_PENDING') throw new SluiceError(errors.workflowPending);
        return { plan, requestedPlan: plan };
      }),
  };
}

async function findSubscription(organization: OrganizationStore, request: RestRequest): Promise<Subscription> {
  const id = parameter(request, 'subscriptionId');
  const subscription = await organization.subscriptions.get(id);
  if (!subscription) throw new SluiceError(errors.subscriptionNotFound, { id });
  await findApi(organization, request, subscription.apiId);
  return subscription;
}

async function subscriptionView(organization: OrganizationStore, subscription: Subscription): Promise<JsonObject> {
  const application = await organization.applications.get(subscription.applicationId);
  return {
    subscriptionId: subscription.id,
    applicationInfo: application ? applicationView(application) : { applicationId: subscription.applicationId },
    throttlingPolicy: subscription.plan,
    subscriptionStatus: subscription.status,
  };
}

function applicationView({ id, name, owner, description }: Application): JsonObject {
  return { applicationId: id, name, subscriber: owner, description };
}
