import type { CustomRule, DenyPolicy, Log, Plan } from '@sluice/model';
import { CustomRules } from './conditions/custom-rules.ts';
import { DenyPolicies } from './conditions/deny-policies.ts';
import type { ConditionSwitches, ThrottlingOptions } from './options.ts';
import { type CompiledPlan, compilePlan, Plans } from './plans.ts';

/** Everything in a picture that limits calls, immutable. Another object is another state: what was found in one need not be in the next. */
export interface Limits {
  readonly plans: Plans;
  /** Null denies nothing to anybody. */
  readonly deny: DenyPolicies | null;
  /** Null has no custom rules. */
  readonly rules: CustomRules | null;
}

/** What limits a gateway that knows nothing yet. */
export const noLimits: Limits = { plans: new Plans([]), deny: null, rules: null };

/** Conditions that are asked where nobody says so: those about addresses alone. */
export function conditionSwitches({ conditions }: ThrottlingOptions): ConditionSwitches {
  return { headers: false, claims: false, queryParameters: false, ...conditions };
}

/** The limits while they change. Each kind is compiled anew, as a whole, for the first picture after a change of it. */
export class LimitsEdit {
  readonly #denies: boolean;
  readonly #switches: ConditionSwitches;
  readonly #log: Log;
  readonly #plans = new Map<string, CompiledPlan>();
  readonly #denyPolicies = new Map<string, DenyPolicy>();
  readonly #rules = new Map<string, CustomRule>();
  readonly #changed = { plans: false, deny: false, rules: false };
  /** What was said to be unreadable, so that it is said once. */
  readonly #reported = new WeakSet<DenyPolicy | CustomRule>();
  #limits = noLimits;

  constructor(options: ThrottlingOptions, log: Log) {
    this.#denies = options.denyPolicies ?? true;
    this.#switches = conditionSwitches(options);
    this.#log = log;
  }

  plan(id: string, plan: Plan | null): void {
    const report = (reason: string) =>
      this.#log.warn('A conditional group of a plan cannot be read; no call is in it', { plan: plan?.name, reason });
    put(this.#plans, id, plan && compilePlan(plan, this.#switches, report));
    this.#changed.plans = true;
  }

  denyPolicy(id: string, policy: DenyPolicy | null): void {
    put(this.#denyPolicies, id, policy);
    this.#changed.deny = this.#denies;
  }

  customRule(id: string, rule: CustomRule | null): void {
    put(this.#rules, id, rule);
    this.#changed.rules = true;
  }

  /** The limits with all changes so far; the same object for as long as there are none. */
  finish(): Limits {
    const { plans, deny, rules } = this.#changed;
    if (plans || deny || rules) {
      this.#limits = {
        plans: plans ? new Plans(this.#plans.values()) : this.#limits.plans,
        deny: deny ? this.#compileDeny() : this.#limits.deny,
        rules: rules ? this.#compileRules() : this.#limits.rules,
      };
      Object.assign(this.#changed, { plans: false, deny: false, rules: false });
    }
    return this.#limits;
  }

  #compileDeny(): DenyPolicies | null {
    const policies = new DenyPolicies(this.#denyPolicies.values());
    for (const policy of policies.unreadable) {
      if (this.#isNews(policy)) {
        this.#log.warn('A deny policy cannot be read; it denies nothing', { ...policy.condition, policy: policy.id });
      }
    }
    return policies.empty ? null : policies;
  }

  #compileRules(): CustomRules | null {
    const rules = new CustomRules(this.#rules.values(), this.#switches, (rule, reason) => {
      if (this.#isNews(rule)) {
        this.#log.warn('A custom rule cannot be read; it limits nothing', { rule: rule.name, reason });
      }
    });
    return rules.empty ? null : rules;
  }

  #isNews(source: DenyPolicy | CustomRule): boolean {
    if (this.#reported.has(source)) return false;
    this.#reported.add(source);
    return true;
  }
}

function put<V>(map: Map<string, V>, id: string, value: V | null): void {
  if (value === null) map.delete(id);
  else map.set(id, value);
}
