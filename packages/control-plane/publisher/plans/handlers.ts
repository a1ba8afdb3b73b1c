import { errors, type JsonObject, type Plan, type PlanKind, SluiceError } from '@sluice/model';
import { planView } from '../../devportal/plans/view.ts';
import { offeredPlans } from '../../plans/offered.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { findApi, parameter } from '../apis/find.ts';
import type { PublisherDependencies } from '../dependencies.ts';

/** Plans of the first start that are for event APIs. */
const streaming = /^Async/;
/** Plans that govern calls without a subscription; nobody chooses them. */
const unchosen = /^(?:Unauthenticated|(?:Async)?DefaultSubscriptionless)$/;

/** Plans that APIs can be given, and those of one API. */
export function planHandlers({ store, plans: settings }: PublisherDependencies): RestHandlers {
  const plans = async (request: RestRequest): Promise<readonly Plan[]> => {
    const all = await offeredPlans(store.organization(request.organization), kindOf(request), settings);
    return all.filter(({ kind, name, more }) => {
      if (kind !== 'subscription') return true;
      return !unchosen.test(name) && Object.hasOwn(more, 'aiApiQuota') === (request.query.isAiApi === true);
    });
  };

  return {
    getAllThrottlingPolicies: async (request) => {
      const page = pageOf(request);
      const found = (await plans(request)).filter((plan) => !isStreaming(plan));
      const list = found.slice(page.offset, page.offset + page.limit).map(planDocument);
      return {
        status: 200,
        body: listView(`/throttling-policies/${request.path.policyLevel}`, page, found.length, list),
      };
    },

    getThrottlingPolicyByName: async (request) => {
      const name = parameter(request, 'policyName');
      const plan = await store.organization(request.organization).plans.find(kindOf(request), name);
      if (!plan) throw new SluiceError(errors.throttlingPolicyMissing, { name });
      return { status: 200, body: planDocument(plan) };
    },

    getSubscriptionThrottlingPolicies: async (request) => {
      const page = pageOf(request);
      const found = (await offeredPlans(store.organization(request.organization), 'subscription', settings)).filter(
        (plan) => isStreaming(plan) && !unchosen.test(plan.name),
      );
      const list = found.slice(page.offset, page.offset + page.limit).map(streamingPlan);
      return { status: 200, body: listView('/throttling-policies/streaming/subscription', page, found.length, list) };
    },

    getAPISubscriptionPolicies: async (request) => {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      const all = await organization.plans.list('subscription');
      return { status: 200, body: all.filter(({ name }) => api.policies.includes(name)).map(planDocument) };
    },
  };
}

/** Whether a plan is for event APIs: it counts events, or is the one of them that counts nothing. */
function isStreaming({ kind, name, quota, more }: Plan): boolean {
  const countsEvents = quota?.type === 'EVENTCOUNTLIMIT' || more.unlimitedEvents === true;
  return kind === 'subscription' && (countsEvents || streaming.test(name));
}

function kindOf(request: RestRequest): PlanKind {
  return request.path.policyLevel === 'api' ? 'advanced' : 'subscription';
}

/** WSO2's `ThrottlingPolicy` of the publisher. */
function planDocument(plan: Plan): JsonObject {
  const { throttlingPolicyPermissions: _permissions, ...view } = planView(plan);
  return { ...view, displayName: plan.displayName, policyLevel: plan.kind === 'advanced' ? 'api' : 'subscription' };
}

/** WSO2's `SubscriptionPolicy`, which event APIs are offered in. */
function streamingPlan(plan: Plan): JsonObject {
  const { quota } = plan;
  return {
    uuid: plan.id,
    policyName: plan.name,
    displayName: plan.displayName,
    description: plan.description,
    isDeployed: true,
    tenantDomain: plan.organization,
    defaultLimit:
      quota?.type === 'EVENTCOUNTLIMIT'
        ? {
            type: quota.type,
            eventCount: { timeUnit: quota.timeUnit, unitTime: quota.unitTime, eventCount: quota.eventCount },
          }
        : { type: 'EVENTCOUNTLIMIT' },
    rateLimitCount: plan.burst?.count ?? 0,
    ...(plan.burst ? { rateLimitTimeUnit: plan.burst.timeUnit } : {}),
    ...(typeof plan.more.subscriberCount === 'number' ? { subscriberCount: plan.more.subscriberCount } : {}),
    stopOnQuotaReach: plan.stopOnQuotaReach,
    billingPlan: plan.billingPlan,
  };
}
