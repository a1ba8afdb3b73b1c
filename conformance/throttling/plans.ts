import type { Burst, Plan, PlanKind, Quota, TimeUnit } from '@sluice/model';

/** So many calls in each window. */
export function calls(requestCount: number, timeUnit: TimeUnit = 'min', unitTime = 1): Quota {
  return { type: 'REQUESTCOUNTLIMIT', requestCount, timeUnit, unitTime };
}

/** So much data in each window. */
export function data(
  dataAmount: number,
  dataUnit: 'KB' | 'MB' | 'GB',
  timeUnit: TimeUnit = 'min',
  unitTime = 1,
): Quota {
  return { type: 'BANDWIDTHLIMIT', dataAmount, dataUnit, timeUnit, unitTime };
}

/** So many messages in each window. */
export function events(eventCount: number, timeUnit: TimeUnit = 'min', unitTime = 1): Quota {
  return { type: 'EVENTCOUNTLIMIT', eventCount, timeUnit, unitTime };
}

/** So many calls from the first one on. */
export function burst(count: number, timeUnit: Burst['timeUnit'] = 'sec'): Burst {
  return { count, timeUnit };
}

/** A plan of the organization `carbon.super` that limits nothing but what `limits` say. */
export function plan(kind: PlanKind, name: string, limits: Partial<Plan> = {}): Plan {
  return {
    id: `${kind}-${name}`,
    organization: 'carbon.super',
    kind,
    name,
    displayName: name,
    description: '',
    quota: null,
    burst: null,
    stopOnQuotaReach: true,
    billingPlan: 'FREE',
    more: {},
    ...limits,
  };
}
