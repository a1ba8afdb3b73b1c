import type { Journey } from '../../conformance/main-job/journey.ts';

const policies = '/api/am/admin/v4/throttling/policies';

/** Far above what one core serves: the counters are kept and never reach their limit. */
const amount = 100_000_000;
const defaultLimit = {
  type: 'REQUESTCOUNTLIMIT',
  requestCount: { requestCount: amount, timeUnit: 'min', unitTime: 1 },
};
const burst = { rateLimitCount: 10_000_000, rateLimitTimeUnit: 'sec' };

/**
 * How many limits a call meets. `none`: all plans are Unlimited. `subscription`: that of its business plan, a counter for each consumer as
 * the other programs have. `all`: quota and burst of subscription and application, an advanced policy of the API with a group of
 * conditions before it, a custom rule and the backend's maxTps.
 */
export type Levels = 'none' | 'subscription' | 'all';

/** Names of the plans that an API, its application and its subscription are made with. */
export interface Plans {
  readonly subscription: string;
  readonly application: string;
  /** Members of the API. */
  readonly api: Readonly<Record<string, unknown>>;
}

/** `label` tells these plans from others of the program; the custom rule is about the APIs at these paths alone. */
export async function makePlans(
  { admin }: Journey,
  levels: Levels,
  label: string,
  apis: readonly string[],
): Promise<Plans> {
  if (levels === 'none') return { subscription: 'Unlimited', application: 'Unlimited', api: {} };
  const all = levels === 'all';
  const subscription = `${label}-subscription`;
  await admin.post(
    `${policies}/subscription`,
    { policyName: subscription, defaultLimit, stopOnQuotaReach: true, ...(all ? burst : {}) },
    201,
  );
  if (!all) return { subscription, application: 'Unlimited', api: { policies: [subscription] } };
  const application = `${label}-application`;
  await admin.post(`${policies}/application`, { policyName: application, defaultLimit, burstLimit: { ...burst } }, 201);
  const advanced = `${label}-api`;
  const elsewhere = { ipConditionType: 'IPSPECIFIC', specificIP: '192.0.2.1' };
  const group = {
    description: 'one client that does not call',
    conditions: [{ type: 'IPCONDITION', invertCondition: false, ipCondition: elsewhere }],
    limit: defaultLimit,
  };
  await admin.post(`${policies}/advanced`, { policyName: advanced, defaultLimit, conditionalGroups: [group] }, 201);
  await admin.post(
    `${policies}/custom`,
    {
      policyName: `${label}-rule`,
      keyTemplate: '$userId:$apiContext',
      siddhiQuery: `FROM RequestStream SELECT userId, (${apis.map((path) => `apiContext=='${path}'`).join(' or ')}) AS isEligible, str:concat(userId,':',apiContext) AS throttleKey
        INSERT INTO EligibilityStream;
        FROM EligibilityStream[isEligible==true]#throttler:timeBatch(1 min)
        SELECT throttleKey, (count(userId) >= ${amount}) AS isThrottled, expiryTimeStamp
        GROUP BY throttleKey INSERT ALL EVENTS INTO ResultStream;`,
    },
    201,
  );
  const maxTps = { production: 1_000_000, productionTimeUnit: 'SECOND', sandbox: 1_000_000, sandboxTimeUnit: 'SECOND' };
  return { subscription, application, api: { policies: [subscription], apiThrottlingPolicy: advanced, maxTps } };
}
