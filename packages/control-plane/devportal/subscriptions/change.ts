import { errors, type JsonObject, SluiceError, type Subscription } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { announce, subscriptionEntry, withdraw } from '../../feed/announce.ts';
import type { PlanSettings } from '../../plans/offered.ts';
import type { RestRequest } from '../../rest/handler.ts';
import { isOwn } from '../applications/find.ts';
import { choosePlan } from './subscribe.ts';

/** The subscription of a path, where the application is the caller's; throws 404. */
export async function ownSubscription(organization: OrganizationStore, request: RestRequest): Promise<Subscription> {
  const id = request.path.subscriptionId ?? '';
  const subscription = await organization.subscriptions.get(id);
  const application = subscription && (await organization.applications.get(subscription.applicationId));
  if (!application || !isOwn(application, request)) throw new SluiceError(errors.subscriptionNotFound, { id });
  return subscription;
}

/** Changes the plan; call it in a transaction. The portal of WSO2 sends the present plan and the requested one. */
export async function changePlan(
  organization: OrganizationStore,
  plans: PlanSettings,
  request: RestRequest,
): Promise<Subscription> {
  const body = request.body as JsonObject;
  const subscription = await ownSubscription(organization, request);
  if (subscription.status === 'TIER_UPDATE_PENDING') {
    throw new SluiceError(errors.subscriptionPending, { id: subscription.id });
  }
  if (subscription.status !== 'UNBLOCKED') {
    throw new SluiceError(errors.subscriptionUnchangeable, { id: subscription.id, status: subscription.status });
  }
  const api = await organization.apis.get(subscription.apiId);
  if (!api) throw new SluiceError(errors.apiNotFound, { id: subscription.apiId });
  const requested = body.requestedThrottlingPolicy;
  const asked = typeof requested === 'string' && requested !== '' ? requested : body.throttlingPolicy;
  const plan = await choosePlan(organization, plans, request, api, typeof asked === 'string' ? asked : '');
  const changed: Subscription = { ...subscription, plan, requestedPlan: plan, updatedTime: Date.now() };
  if (!(await organization.subscriptions.update(changed))) {
    throw new SluiceError(errors.subscriptionNotFound, { id: subscription.id });
  }
  await announce(organization.feed, subscriptionEntry(changed));
  return changed;
}

/** Call it in a transaction. */
export async function unsubscribe(organization: OrganizationStore, request: RestRequest): Promise<void> {
  const subscription = await ownSubscription(organization, request);
  await organization.subscriptions.remove(subscription.id);
  await withdraw(organization.feed, subscriptionEntry(subscription));
}
