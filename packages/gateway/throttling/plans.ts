import type { Plan, PlanKind } from '@sluice/model';
import { type Limit, limitOfBurst, limitOfQuota } from '@sluice/throttle';

/** What WSO2 writes for a number of calls that no quota bounds. */
const unlimitedCalls = 2 ** 31 - 1;

/** A plan with its limits; null bounds nothing. */
export interface CompiledPlan {
  readonly source: Plan;
  readonly quota: Limit | null;
  readonly burst: Limit | null;
}

export function compilePlan(plan: Plan): CompiledPlan {
  return { source: plan, quota: quotaLimit(plan.quota), burst: plan.burst && limitOfBurst(plan.burst) };
}

/** Null where the quota bounds nothing. */
export function quotaLimit(quota: Plan['quota']): Limit | null {
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
