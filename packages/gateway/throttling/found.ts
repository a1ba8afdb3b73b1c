import type { CompiledApplication } from '../snapshot/snapshot.ts';
import type { Allowance } from './allowance.ts';
import { KeptBill } from './bill.ts';
import type { ConditionalGroups } from './conditions/conditional-groups.ts';
import type { Limits } from './limits.ts';

const nothing: readonly Allowance[] = [];

/**
 * The limits of one thing of the picture, or of one caller, with their counters. Looked up by name once and kept for as long as the limits
 * of the picture are the same.
 */
export class Found {
  /** State of the limits that this was looked up in; null before the first time. */
  limits: Limits | null = null;
  /** What else it depends on. */
  subject: unknown = null;
  /** In the order of the levels. */
  allowances: readonly Allowance[] = nothing;
}

/** The limits of an operation, whoever calls. */
export class OperationFound {
  limits: Limits | null = null;
  /** The quota of the advanced plan, for calls in none of its groups. */
  advanced: Allowance | null = null;
  /** Null has no groups; the group at a place has the quota at that place, null lets its calls pass. */
  groups: ConditionalGroups | null = null;
  groupQuotas: readonly (Allowance | null)[] = nothing;
  /** What the backends of each side take. */
  production: Allowance | null = null;
  sandbox: Allowance | null = null;
}

/** What a token was found to be limited by. */
export class CallerFound {
  /** As a user of its application. */
  readonly application = new Found();
  /** Where no subscription is asked for; of the API that was called last. */
  readonly subscriptionless = new Found();
  /** By custom rules; of the operation that was called last, from the same address. */
  readonly rules = new Found();
  /** What the rules asked of it beside the operation. */
  rulesOf: CompiledApplication | null = null;
  rulesFrom = '';
  /** All of it, where its calls are alike. */
  readonly bill = new KeptBill();
}
