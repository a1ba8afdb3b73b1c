import type { RestHandlers } from '../../rest/handler.ts';
import { customRuleHandlers } from './custom-rules.ts';
import { denyPolicyHandlers } from './deny-policies.ts';
import { planHandlers, type ThrottlingDependencies } from './plan-handlers.ts';
import { policySearchHandlers } from './search.ts';
import { policyTransferHandlers } from './transfer.ts';

/** Everything below `/throttling`. */
export function throttlingHandlers(deps: ThrottlingDependencies): RestHandlers {
  return {
    ...planHandlers(deps),
    ...customRuleHandlers(deps),
    ...denyPolicyHandlers(deps),
    ...policySearchHandlers(deps),
    ...policyTransferHandlers(deps),
  };
}
