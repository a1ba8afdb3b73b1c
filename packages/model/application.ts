import type { JsonObject } from './json.ts';

export type KeyType = 'PRODUCTION' | 'SANDBOX';

export type ApplicationStatus =
  | 'CREATED'
  | 'APPROVED'
  | 'REJECTED'
  | 'ON_HOLD'
  | 'DELETE_PENDING'
  | 'UPDATE_PENDING'
  | 'UPDATE_REJECTED';

/** A developer's application: it subscribes to APIs and holds keys. */
export interface Application {
  /** UUID. */
  readonly id: string;
  readonly organization: string;
  /** 1 to 100 characters, unique for one owner. */
  readonly name: string;
  readonly owner: string;
  readonly description: string;
  /** Application plan. */
  readonly throttlingPolicy: string;
  readonly tokenType: 'JWT' | 'OAUTH';
  readonly status: ApplicationStatus;
  readonly groups: readonly string[];
  readonly visibility: 'PRIVATE' | 'SHARED_WITH_ORG';
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  readonly createdTime: number;
  readonly updatedTime: number;
}

/** The tie between an application and an OAuth client (WSO2's ApplicationKey). */
export interface KeyMapping {
  /** UUID, WSO2's keyMappingId. */
  readonly id: string;
  readonly applicationId: string;
  readonly keyType: KeyType;
  /** Name of the key manager; the built-in one is `Resident Key Manager`. */
  readonly keyManager: string;
  /** OAuth client id. */
  readonly consumerKey: string;
  readonly state: 'CREATED' | 'APPROVED' | 'REJECTED' | 'COMPLETED';
  readonly mode: 'CREATED' | 'MAPPED';
  /** Properties the caller gave (token lifetimes and the like). */
  readonly properties: JsonObject;
}

export type SubscriptionStatus =
  | 'UNBLOCKED'
  | 'BLOCKED'
  | 'PROD_ONLY_BLOCKED'
  | 'ON_HOLD'
  | 'REJECTED'
  | 'TIER_UPDATE_PENDING'
  | 'DELETE_PENDING';

/** An application's right to call an API on a business plan. */
export interface Subscription {
  /** UUID. */
  readonly id: string;
  readonly organization: string;
  readonly apiId: string;
  readonly applicationId: string;
  /** Business plan in force. */
  readonly plan: string;
  /** Business plan asked for; differs from `plan` while a change waits for approval. */
  readonly requestedPlan: string;
  readonly status: SubscriptionStatus;
  readonly subscriber: string;
  readonly createdTime: number;
  readonly updatedTime: number;
}
