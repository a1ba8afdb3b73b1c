import type { Pattern } from '../../pattern/pattern.ts';
import type { TimeUnit } from '../../plan.ts';

/**
 * Attributes of a call that conditions and keys may ask for: those of WSO2's request stream. `clientIp` is the address as a whole number,
 * `ip` and `ipv6` the same where it is of that family, else 0; keys are made as in wso2-gateway.md 7.1.
 */
export const ruleAttributes = [
  'userId',
  'apiContext',
  'apiVersion',
  'apiName',
  'appTenant',
  'apiTenant',
  'appId',
  'resourceKey',
  'apiKey',
  'appKey',
  'subscriptionKey',
  'apiTier',
  'appTier',
  'resourceTier',
  'subscriptionTier',
  'clientIp',
  'ip',
  'ipv6',
] as const;

export type RuleAttribute = (typeof ruleAttributes)[number];

/** A value: fixed, an attribute of the call, or one of its properties (a header, a parameter of the query, or a claim of that name). */
export type RuleValue =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'attribute'; readonly name: RuleAttribute }
  | { readonly kind: 'property'; readonly name: string };

/** Which calls a rule is about. */
export type RuleCondition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly RuleCondition[] }
  | { readonly kind: 'not'; readonly term: RuleCondition }
  | {
      readonly kind: 'compare';
      readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=';
      readonly left: RuleValue;
      readonly right: RuleValue;
    }
  | { readonly kind: 'find'; readonly pattern: Pattern; readonly subject: RuleValue }
  | { readonly kind: 'null'; readonly subject: RuleValue };

/** A custom rule, read. */
export interface ThrottleRule {
  readonly condition: RuleCondition;
  /** The throttle key, its parts joined without anything between them. */
  readonly key: readonly RuleValue[];
  /**
   * The key template in the same form where it does not always give the same as `key`: WSO2 counts a call under the one and refuses it by the other,
   * so that only calls for which both are the same are governed. Null where they always are.
   */
  readonly template: readonly RuleValue[] | null;
  /** The window is aligned to the epoch. A `bytes` limit counts bodies. */
  readonly limit: {
    readonly amount: number;
    readonly measure: 'calls' | 'bytes';
    readonly window: { readonly kind: 'aligned'; readonly unit: TimeUnit; readonly count: number };
  };
}
