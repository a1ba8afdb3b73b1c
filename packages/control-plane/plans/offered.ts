import type { Plan, PlanKind } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

/** What an operator chose about plans. */
export interface PlanSettings {
  /** False withdraws the plan Unlimited from everybody. `[apim.throttling] enable_unlimited_tier` */
  readonly unlimited: boolean;
  /** Conditions that gateways ask about, besides addresses. `[apim.throttling] enable_header_based_throttling` and its siblings */
  readonly conditions: {
    readonly headers: boolean;
    readonly claims: boolean;
    readonly queryParameters: boolean;
  };
}

/** The settings of an installation that chose nothing; WSO2's. */
export const defaultPlanSettings: PlanSettings = {
  unlimited: true,
  conditions: { headers: false, claims: false, queryParameters: false },
};

/** The plan that limits nothing. Operations without a plan of their own name it too. */
export const unlimitedPlan = 'Unlimited';

/** The plans of a kind that anybody may choose, by name. */
export async function offeredPlans(
  organization: Pick<OrganizationStore, 'plans'>,
  kind: PlanKind,
  settings: Pick<PlanSettings, 'unlimited'>,
): Promise<Plan[]> {
  const plans = await organization.plans.list(kind);
  return plans
    .filter(({ name }) => settings.unlimited || name !== unlimitedPlan)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** One of them by its name. */
export async function offeredPlan(
  organization: Pick<OrganizationStore, 'plans'>,
  kind: PlanKind,
  name: string,
  settings: Pick<PlanSettings, 'unlimited'>,
): Promise<Plan | undefined> {
  return settings.unlimited || name !== unlimitedPlan ? organization.plans.find(kind, name) : undefined;
}

/** Plans that WSO2 chooses where nobody did and Unlimited is withdrawn. */
const usual: Readonly<Record<PlanKind, string>> = {
  application: '50PerMin',
  subscription: 'Gold',
  advanced: '50KPerMin',
};

/** Name of the plan to begin with. */
export function usualPlan(kind: PlanKind, settings: Pick<PlanSettings, 'unlimited'>): string {
  return settings.unlimited ? unlimitedPlan : usual[kind];
}
