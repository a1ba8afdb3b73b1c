import type { JsonObject, Plan } from '@sluice/model';

/** How WSO2 writes an unlimited quota: Java's largest integer. */
const unlimited = 2_147_483_647;

/** WSO2's `ThrottlingPolicy`. */
export function planView(plan: Plan): JsonObject {
  const { permissions } = plan;
  return {
    name: plan.name,
    description: plan.description,
    policyLevel: plan.kind === 'application' ? 'application' : 'subscription',
    attributes: attributes(plan),
    ...quotaView(plan),
    rateLimitCount: plan.burst?.count ?? 0,
    ...(plan.burst ? { rateLimitTimeUnit: plan.burst.timeUnit } : {}),
    tierPlan: plan.billingPlan,
    stopOnQuotaReach: plan.stopOnQuotaReach,
    ...(permissions
      ? {
          throttlingPolicyPermissions: {
            type: permissions.type === 'DENY' ? 'deny' : 'allow',
            roles: [...permissions.roles],
          },
        }
      : {}),
  };
}

function quotaView(plan: Plan): JsonObject {
  const { quota } = plan;
  if (!quota) return { requestCount: unlimited, unitTime: 0, quotaPolicyType: 'REQUESTCOUNT' };
  const { unitTime, timeUnit } = quota;
  switch (quota.type) {
    case 'REQUESTCOUNTLIMIT':
      return { requestCount: quota.requestCount, unitTime, timeUnit, quotaPolicyType: 'REQUESTCOUNT' };
    case 'BANDWIDTHLIMIT':
      return {
        requestCount: quota.dataAmount,
        dataUnit: quota.dataUnit,
        unitTime,
        timeUnit,
        quotaPolicyType: 'BANDWIDTHVOLUME',
      };
    case 'EVENTCOUNTLIMIT':
      return { requestCount: quota.eventCount, unitTime, timeUnit };
  }
}

/** Custom attributes as the administrator wrote them: `[{name, value}]`. */
function attributes(plan: Plan): JsonObject {
  const custom = plan.more.customAttributes;
  if (!Array.isArray(custom)) return {};
  const pairs = custom.filter((entry): entry is JsonObject => entry !== null && typeof entry === 'object');
  return Object.fromEntries(pairs.map((entry) => [String(entry.name), String(entry.value)]));
}
