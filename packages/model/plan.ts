import type { JsonObject } from './json.ts';

/** What a plan governs: subscriptions (business plans), applications, or APIs and operations (advanced). */
export type PlanKind = 'subscription' | 'application' | 'advanced';

export type TimeUnit = 'sec' | 'min' | 'hour' | 'day' | 'month';

/** A quota over a fixed window aligned to the epoch. */
export type Quota =
  | {
      readonly type: 'REQUESTCOUNTLIMIT';
      readonly requestCount: number;
      readonly timeUnit: TimeUnit;
      readonly unitTime: number;
    }
  | {
      readonly type: 'BANDWIDTHLIMIT';
      readonly dataAmount: number;
      readonly dataUnit: 'KB' | 'MB' | 'GB';
      readonly timeUnit: TimeUnit;
      readonly unitTime: number;
    }
  | {
      readonly type: 'EVENTCOUNTLIMIT';
      readonly eventCount: number;
      readonly timeUnit: TimeUnit;
      readonly unitTime: number;
    };

/** A rate plan (WSO2: tier, policy). `quota` null means unlimited. */
export interface Plan {
  readonly id: string;
  readonly organization: string;
  readonly kind: PlanKind;
  /** Unique within organization and kind. */
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly quota: Quota | null;
  /** Short-term limit beside the quota; the window starts with the first call. */
  readonly burst: { readonly count: number; readonly timeUnit: 'sec' | 'min' } | null;
  /** False lets calls beyond the quota pass, flagged. Business plans only. */
  readonly stopOnQuotaReach: boolean;
  readonly billingPlan: 'FREE' | 'COMMERCIAL';
  /** Conditional groups, permissions, GraphQL limits, custom attributes … as WSO2 writes them. */
  readonly more: JsonObject;
}
