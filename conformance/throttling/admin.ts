import type { TimeUnit } from '@sluice/model';
import type { Journey } from '../main-job/journey.ts';

/** Where the admin REST API has plans, rules and deny policies. */
export const throttling = '/api/am/admin/v4/throttling';

/** So many calls in each window. */
export interface BusinessPlan {
  readonly name: string;
  readonly calls: number;
  readonly timeUnit: TimeUnit;
  readonly unitTime: number;
}

/** A business plan as WSO2's REST API has it (wso2-gateway.md 7.4). */
export function businessPlan({ name, calls: requestCount, timeUnit, unitTime }: BusinessPlan) {
  return {
    policyName: name,
    displayName: name,
    description: 'made by a test',
    defaultLimit: { type: 'REQUESTCOUNTLIMIT', requestCount: { timeUnit, unitTime, requestCount } },
    stopOnQuotaReach: true,
    billingPlan: 'FREE',
  };
}

/** Makes a business plan; resolves with its id. */
export async function createPlan({ admin }: Journey, plan: BusinessPlan): Promise<string> {
  const { json } = await admin.post(`${throttling}/policies/subscription`, businessPlan(plan), 201);
  return json.policyId;
}
