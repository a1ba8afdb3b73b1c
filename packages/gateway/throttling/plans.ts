import type { Plan, PlanKind, Quota } from '@sluice/model';
import { type Limit, limitOfBurst, limitOfQuota } from '@sluice/throttle';
import { ConditionalGroups } from './conditions/conditional-groups.ts';
import type { ConditionSwitches } from './options.ts';

/** What WSO2 writes for a number of calls that no quota bounds. */
const unlimitedCalls = 2 ** 31 - 1;

/** A plan with its limits; null bounds nothing. */
export interface CompiledPlan {
  readonly source: Plan;
  readonly quota: Limit | null;
  readonly burst: Limit | null;
  /** Null has no groups. */
  readonly groups: ConditionalGroups | null;
  /** Limits of the groups, in their order. */
  readonly groupQuotas: readonly (Limit | null)[];
}

/** `report` hears of groups that cannot be read. */
export function compilePlan(plan: Plan, switches: ConditionSwitches, report: (reason: string) => void): CompiledPlan {
  const { conditionalGroups = [], quota, burst } = plan;
  return {
    source: plan,
    quota: limitOf(quota),
    burst: burst && limitOfBurst(burst),
    groups: conditionalGroups.length === 0 ? null : new ConditionalGroups(conditionalGroups, switches, report),
    groupQuotas: conditionalGroups.map((group) => limitOf(group.quota)),
  };
}

function limitOf(quota: Quota | null): Limit | null {
  if (quota === null) return null;
  const limit = limitOfQuota(quota);
  return limit.measure !== 'bytes' && limit.amount >= unlimitedCalls ? null : limit;
}

/** Plans by kind, organization and name, immutable. */
export class Plans {
  readonly #byName: ReadonlyMap<string, CompiledPlan>;

  constructor(plans: Iterable<CompiledPlan>) {
    this.#byName = new Map(
      Array.from(plans, (plan) => [nameOf(plan.source.kind, plan.source.organization, plan.source.name), plan]),
    );
  }

  find(kind: PlanKind, organization: string, name: string): CompiledPlan | undefined {
    return this.#byName.get(nameOf(kind, organization, name));
  }
}

/** The line break keeps parts apart: no name has one. */
function nameOf(kind: PlanKind, organization: string, name: string): string {
  return `${kind}\n${organization}\n${name}`;
}
