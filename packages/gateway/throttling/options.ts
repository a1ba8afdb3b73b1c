import type { GraphqlBounds } from '../graphql/options.ts';

/** How plans are applied to calls. Plain data. */
export interface ThrottlingOptions {
  /** Counts the bodies of answers against bandwidth quotas too; default false, as WSO2. */
  readonly countResponseBytes?: boolean;
  /** False leaves deny policies without effect (`apim.throttling.enable_blacklist_condition`). Default true. */
  readonly denyPolicies?: boolean;
  /** Conditions of advanced plans that are asked, besides those about addresses; all default to false, as WSO2. */
  readonly conditions?: Partial<ConditionSwitches>;
  /** Answers to clients carry `RateLimit` and `RateLimit-Policy`. Default false. */
  readonly rateLimitHeaders?: boolean;
  /**
   * Addresses and networks (`10.0.0.0/8`) of proxies in front of the gateway: only what they say in `X-Forwarded-For` about the client
   * is believed. Default none: the client is whoever opened the connection.
   */
  readonly trustedProxies?: readonly string[];
  /** Bounds of GraphQL queries. Default 1 MiB and 10,000 words and signs. */
  readonly graphql?: Partial<GraphqlBounds>;
  /** Milliseconds that a call waits at most for the word of the authority on quotas, which may be busy with something else. Default 2000. */
  readonly patience?: number;
  /** What decides when no word has come by then: see `sluice.throttle.fail`. Default `closed`: the units that this process holds, and no more. */
  readonly fail?: 'closed' | 'open';
}

/** `enable_header_based_throttling`, `enable_jwt_claim_based_throttling` and `enable_query_param_based_throttling`. */
export interface ConditionSwitches {
  readonly headers: boolean;
  readonly claims: boolean;
  readonly queryParameters: boolean;
}
