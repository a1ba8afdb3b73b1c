import type { Json, JsonObject, Plan, Quota } from '@sluice/model';

/** How WSO2 writes an unlimited quota: Java's largest integer, each minute. */
const unlimited: Quota = { type: 'REQUESTCOUNTLIMIT', requestCount: 2_147_483_647, timeUnit: 'min', unitTime: 1 };

/** WSO2's `ApplicationThrottlePolicy`, `SubscriptionThrottlePolicy` or `AdvancedThrottlePolicy`, by the plan's kind. */
export function planView(plan: Plan): JsonObject {
  const base: JsonObject = {
    policyId: plan.id,
    policyName: plan.name,
    displayName: plan.displayName,
    description: plan.description,
    isDeployed: true,
    type: policyType[plan.kind],
    defaultLimit: limitView(plan.quota ?? unlimited),
  };
  switch (plan.kind) {
    case 'application':
      return plan.burst ? { ...base, burstLimit: burstView(plan.burst) } : base;
    case 'advanced':
      return { ...base, conditionalGroups: list(plan.more.conditionalGroups) };
    case 'subscription':
      return {
        ...base,
        ...(plan.burst ? burstView(plan.burst) : { rateLimitCount: 0 }),
        stopOnQuotaReach: plan.stopOnQuotaReach,
        billingPlan: plan.billingPlan,
        subscriberCount: number(plan.more.subscriberCount),
        graphQLMaxComplexity: number(plan.more.graphQLMaxComplexity),
        graphQLMaxDepth: number(plan.more.graphQLMaxDepth),
        customAttributes: list(plan.more.customAttributes),
        ...members(plan.more, ['permissions', 'monetization']),
      };
  }
}

/** The same for lists, where WSO2 leaves out the groups of conditions. */
export function planInfo(plan: Plan): JsonObject {
  const { conditionalGroups: _, ...info } = planView(plan);
  return info;
}

const policyType: Readonly<Record<Plan['kind'], string>> = {
  application: 'ApplicationThrottlePolicy',
  subscription: 'SubscriptionThrottlePolicy',
  advanced: 'AdvancedThrottlePolicy',
};

/** WSO2's `ThrottleLimit`. */
function limitView(quota: Quota): JsonObject {
  const { type, timeUnit, unitTime } = quota;
  const window = { timeUnit, unitTime };
  switch (quota.type) {
    case 'REQUESTCOUNTLIMIT':
      return { type, requestCount: { ...window, requestCount: quota.requestCount } };
    case 'BANDWIDTHLIMIT':
      return { type, bandwidth: { ...window, dataAmount: quota.dataAmount, dataUnit: quota.dataUnit } };
    case 'EVENTCOUNTLIMIT':
      return { type, eventCount: { ...window, eventCount: quota.eventCount } };
  }
}

function burstView(burst: NonNullable<Plan['burst']>): JsonObject {
  return { rateLimitCount: burst.count, rateLimitTimeUnit: burst.timeUnit };
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function number(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function members(more: JsonObject, names: readonly string[]): JsonObject {
  const kept: JsonObject = {};
  for (const name of names) {
    const value = more[name];
    if (value !== null && typeof value === 'object') kept[name] = value;
  }
  return kept;
}
