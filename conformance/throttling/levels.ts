import { burst, calls } from './plans.ts';
import type { ReasonName } from './reasons.ts';
import { eachUser, type Site } from './site.ts';

/** One level at which calls are counted. */
export interface Level {
  readonly name: string;
  /** What a case says when this level refuses. */
  readonly reason: ReasonName;
  /** Lets so many calls of one caller pass in each second or minute. */
  limit(amount: number, unit: 'sec' | 'min'): Site;
}

/** The levels in WSO2's order (wso2-gateway.md 7.1). Of the first three a call has one at most. */
const levels: readonly Level[] = [
  {
    name: 'group',
    reason: 'api',
    limit: (amount, unit) => ({
      apiPlan: {
        conditionalGroups: [
          {
            description: '',
            conditions: [
              { type: 'IPCONDITION', invert: false, addresses: { type: 'IPSPECIFIC', address: '127.0.0.1' } },
            ],
            quota: calls(amount, unit),
          },
        ],
      },
    }),
  },
  { name: 'api', reason: 'api', limit: (amount, unit) => ({ apiPlan: { quota: calls(amount, unit) } }) },
  {
    name: 'operation',
    reason: 'operation',
    limit: (amount, unit) => ({ operationPlan: { quota: calls(amount, unit) } }),
  },
  {
    name: 'subscription',
    reason: 'subscription',
    limit: (amount, unit) => ({ subscription: { quota: calls(amount, unit) } }),
  },
  {
    name: 'subscription-burst',
    reason: 'subscriptionBurst',
    limit: (amount, unit) => ({ subscription: { burst: burst(amount, unit) } }),
  },
  {
    name: 'application',
    reason: 'application',
    limit: (amount, unit) => ({ application: { quota: calls(amount, unit) } }),
  },
  {
    name: 'application-burst',
    reason: 'applicationBurst',
    limit: (amount, unit) => ({ application: { burst: burst(amount, unit) } }),
  },
  {
    name: 'custom',
    reason: 'custom',
    limit: (amount, unit) => ({ rules: [{ siddhiQuery: eachUser(amount, `1 ${unit}`) }] }),
  },
  {
    name: 'backend',
    reason: 'hard',
    limit: (count, timeUnit) => ({ api: { maxTps: { production: { count, timeUnit } } } }),
  },
];

/** Both limits in one picture. */
export function both(one: Site, other: Site): Site {
  return {
    ...one,
    ...other,
    ...merged(one, other, 'api'),
    ...merged(one, other, 'subscription'),
    ...merged(one, other, 'application'),
  };
}

function merged(one: Site, other: Site, part: 'api' | 'subscription' | 'application'): Site {
  return one[part] || other[part] ? { [part]: { ...one[part], ...other[part] } } : {};
}

/** Every two levels that a call can meet together, the earlier one first. */
export const pairs: readonly (readonly [earlier: Level, later: Level])[] = levels.flatMap((earlier, at) =>
  levels.slice(at < 3 ? Math.max(3, at + 1) : at + 1).map((later) => [earlier, later] as const),
);
