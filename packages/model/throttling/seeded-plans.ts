import type { JsonObject } from '../json.ts';
import type { Plan, PlanKind, Quota, TimeUnit } from '../plan.ts';

interface SeededPlan {
  readonly kind: PlanKind;
  readonly name: string;
  readonly description: string;
  /** Null is unlimited. */
  readonly quota: Quota | null;
  /** Members of WSO2's policy beside the quota. */
  readonly more?: JsonObject;
}

const requests = (requestCount: number): Quota => ({
  type: 'REQUESTCOUNTLIMIT',
  requestCount,
  timeUnit: 'min',
  unitTime: 1,
});
const events = (eventCount: number, timeUnit: TimeUnit): Quota => ({
  type: 'EVENTCOUNTLIMIT',
  eventCount,
  timeUnit,
  unitTime: 1,
});

const seeds: readonly SeededPlan[] = [
  { kind: 'application', name: '10PerMin', description: 'Allows 10 requests per minute', quota: requests(10) },
  { kind: 'application', name: '20PerMin', description: 'Allows 20 requests per minute', quota: requests(20) },
  { kind: 'application', name: '50PerMin', description: 'Allows 50 requests per minute', quota: requests(50) },
  { kind: 'application', name: 'Unlimited', description: 'Allows any number of requests', quota: null },

  { kind: 'subscription', name: 'Gold', description: 'Allows 5000 requests per minute', quota: requests(5000) },
  { kind: 'subscription', name: 'Silver', description: 'Allows 2000 requests per minute', quota: requests(2000) },
  { kind: 'subscription', name: 'Bronze', description: 'Allows 1000 requests per minute', quota: requests(1000) },
  {
    kind: 'subscription',
    name: 'Unauthenticated',
    description: 'Allows 500 requests per minute; governs calls without a token',
    quota: requests(500),
  },
  {
    kind: 'subscription',
    name: 'DefaultSubscriptionless',
    description: 'Allows 100000 requests per minute; governs APIs that need no subscription',
    quota: requests(100_000),
  },
  { kind: 'subscription', name: 'Unlimited', description: 'Allows any number of requests', quota: null },
  {
    kind: 'subscription',
    name: 'AsyncGold',
    description: 'Allows 50000 events per day',
    quota: events(50_000, 'day'),
  },
  {
    kind: 'subscription',
    name: 'AsyncSilver',
    description: 'Allows 25000 events per day',
    quota: events(25_000, 'day'),
  },
  {
    kind: 'subscription',
    name: 'AsyncBronze',
    description: 'Allows 5000 events per day',
    quota: events(5000, 'day'),
  },
  {
    kind: 'subscription',
    name: 'AsyncDefaultSubscriptionless',
    description: 'Allows 10000 events per day; governs event APIs that need no subscription',
    quota: events(10_000, 'day'),
  },
  {
    kind: 'subscription',
    name: 'AsyncUnlimited',
    description: 'Allows any number of events',
    quota: null,
    more: { unlimitedEvents: true },
  },
  {
    kind: 'subscription',
    name: 'AsyncWHGold',
    description: 'Allows 10000 events per month and 1000 active hooks',
    quota: events(10_000, 'month'),
    more: { subscriberCount: 1000 },
  },
  {
    kind: 'subscription',
    name: 'AsyncWHSilver',
    description: 'Allows 5000 events per month and 500 active hooks',
    quota: events(5000, 'month'),
    more: { subscriberCount: 500 },
  },
  {
    kind: 'subscription',
    name: 'AsyncWHBronze',
    description: 'Allows 1000 events per month and 500 active hooks',
    quota: events(1000, 'month'),
    more: { subscriberCount: 500 },
  },
  {
    kind: 'subscription',
    name: 'AsyncWHUnlimited',
    description: 'Allows any number of events and hooks',
    quota: null,
    more: { unlimitedEvents: true },
  },
  {
    kind: 'subscription',
    name: 'AIGold',
    description: 'Allows 500 requests and 50000 tokens per minute',
    quota: requests(500),
    more: { aiApiQuota: { requestCount: 500, totalTokenCount: 50_000 } },
  },
  {
    kind: 'subscription',
    name: 'AISilver',
    description: 'Allows 100 requests and 10000 tokens per minute',
    quota: requests(100),
    more: { aiApiQuota: { requestCount: 100, totalTokenCount: 10_000 } },
  },
  {
    kind: 'subscription',
    name: 'AIBronze',
    description: 'Allows 10 requests and 1000 tokens per minute',
    quota: requests(10),
    more: { aiApiQuota: { requestCount: 10, totalTokenCount: 1000 } },
  },

  { kind: 'advanced', name: '50KPerMin', description: 'Allows 50000 requests per minute', quota: requests(50_000) },
  { kind: 'advanced', name: '20KPerMin', description: 'Allows 20000 requests per minute', quota: requests(20_000) },
  { kind: 'advanced', name: '10KPerMin', description: 'Allows 10000 requests per minute', quota: requests(10_000) },
  { kind: 'advanced', name: 'Unlimited', description: 'Allows any number of requests', quota: null },
];

/** WSO2's own plans, by the names and quotas that APIs and applications elsewhere refer to (`wso2-gateway.md` 7.5). */
export const seededPlans: readonly Omit<Plan, 'id' | 'organization'>[] = seeds.map(
  ({ kind, name, description, quota, more = {} }) => ({
    ...{ kind, name, displayName: name, description, quota, burst: null },
    ...{ stopOnQuotaReach: true, billingPlan: 'FREE', more },
  }),
);
