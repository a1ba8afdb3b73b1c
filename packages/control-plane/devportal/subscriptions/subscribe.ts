import { randomUUID } from 'node:crypto';
import {
  type Api,
  type Application,
  errors,
  type Json,
  type JsonObject,
  SluiceError,
  type Subscription,
} from '@sluice/model';
import { ConflictError, type OrganizationStore } from '@sluice/store';
import { announce, subscriptionEntry } from '../../feed/announce.ts';
import { offeredPlan, type PlanSettings } from '../../plans/offered.ts';
import { planPermitted } from '../../plans/permitted.ts';
import type { RestRequest } from '../../rest/handler.ts';
import { visibleApi } from '../apis/find.ts';
import { ownApplication } from '../applications/find.ts';

/** Subscribes the caller's application to an API; call it in a transaction. */
export async function subscribe(
  organization: OrganizationStore,
  plans: PlanSettings,
  request: RestRequest,
  body: Json,
): Promise<Subscription> {
  const given = body as JsonObject;
  const application = await ownApplication(organization, request, text(given.applicationId));
  if (application.status !== 'APPROVED') {
    throw new SluiceError(errors.applicationNotApproved, { id: application.id, status: application.status });
  }
  if (text(given.apiId) === '') throw new SluiceError(errors.parameterMissing, { name: 'apiId' });
  const api = await visibleApi(organization, request, text(given.apiId));
  // Prototypes are called without a subscription; deprecated and blocked APIs take no new ones.
  if (api.status !== 'PUBLISHED') throw new SluiceError(errors.apiNotSubscribable, { id: api.id, status: api.status });
  const plan = await choosePlan(organization, plans, request, api, text(given.throttlingPolicy));
  const now = Date.now();
  const subscription: Subscription = {
    id: randomUUID(),
    organization: organization.organization,
    apiId: api.id,
    applicationId: application.id,
    plan,
    requestedPlan: plan,
    status: 'UNBLOCKED',
    subscriber: request.principal.user,
    createdTime: now,
    updatedTime: now,
  };
  await create(organization, subscription, application, api);
  await announce(organization.feed, subscriptionEntry(subscription));
  return subscription;
}

/** The name of a plan that the API offers and the caller's roles may take. Throws 400 on none, 403 on another. */
export async function choosePlan(
  organization: OrganizationStore,
  plans: PlanSettings,
  request: RestRequest,
  api: Api,
  asked: string,
): Promise<string> {
  if (asked === '') throw new SluiceError(errors.planMissing);
  const refusal = () => new SluiceError(errors.planNotAllowed, { plan: asked, api: api.name });
  if (!api.policies.includes(asked)) throw refusal();
  const plan = await offeredPlan(organization, 'subscription', asked, plans);
  if (!plan || !planPermitted(plan, request.principal.roles)) throw refusal();
  return plan.name;
}

async function create(
  organization: OrganizationStore,
  subscription: Subscription,
  application: Application,
  api: Api,
): Promise<void> {
  try {
    await organization.subscriptions.create(subscription);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const names = { application: application.name, api: `${api.name} ${api.version}` };
    throw new SluiceError(errors.subscriptionExists, names, { cause: error });
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
