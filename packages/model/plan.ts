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

/** Short-term limit beside a quota; its window starts with the first call. */
export interface Burst {
  readonly count: number;
  readonly timeUnit: 'sec' | 'min';
}

/** What a conditional group asks of a call. `invert` asks for the opposite. Names as in WSO2's policies (wso2-gateway.md 7.4). */
export type PlanCondition =
  | { readonly type: 'IPCONDITION'; readonly invert: boolean; readonly addresses: IpCondition }
  | { readonly type: 'HEADERCONDITION'; readonly invert: boolean; readonly name: string; readonly value: string }
  | {
      readonly type: 'QUERYPARAMETERCONDITION';
      readonly invert: boolean;
      readonly name: string;
      readonly value: string;
    }
  | { readonly type: 'JWTCLAIMSCONDITION'; readonly invert: boolean; readonly claim: string; readonly value: string };

/** One address, or a range with both its ends; IPv4 or IPv6. */
export type IpCondition =
  | { readonly type: 'IPSPECIFIC'; readonly address: string }
  | { readonly type: 'IPRANGE'; readonly first: string; readonly last: string };

/** A quota for calls that meet all conditions; `quota` null lets them pass uncounted. */
export interface ConditionalGroup {
  readonly description: string;
  readonly conditions: readonly PlanCondition[];
  readonly quota: Quota | null;
}

/** Whom a business plan is offered to, by role. */
export interface PlanPermissions {
  readonly type: 'ALLOW' | 'DENY';
  readonly roles: readonly string[];
}

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
  readonly burst: Burst | null;
  /** Tried in order before the quota itself; advanced plans only. */
  readonly conditionalGroups?: readonly ConditionalGroup[];
  /** Absent offers the plan to everybody; business plans only. */
  readonly permissions?: PlanPermissions;
  /** Bounds of GraphQL queries; absent or 0 bounds nothing. Business plans only. */
  readonly graphQLMaxDepth?: number;
  readonly graphQLMaxComplexity?: number;
  /** False lets calls beyond the quota pass, flagged. Business plans only. */
  readonly stopOnQuotaReach: boolean;
  readonly billingPlan: 'FREE' | 'COMMERCIAL';
  /** Custom attributes, subscriber counts, monetization … as WSO2 writes them. */
  readonly more: JsonObject;
}
