import {
  type CustomRule,
  customRuleView,
  type JsonObject,
  type Plan,
  type PlanKind,
  type PolicyKind,
  planView,
  superOrganization,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { offeredPlans, type PlanSettings } from '../../plans/offered.ts';

/** How searches and exports call the kinds, in the order in which WSO2 lists them. */
export const kindsByLevel = { app: 'application', sub: 'subscription', api: 'advanced', global: 'custom' } as const;

export type PolicyLevel = keyof typeof kindsByLevel;

/** A plan or a custom rule; only plans have a kind of their own. */
export type Policy = Plan | CustomRule;

export function isLevel(text: string): text is PolicyLevel {
  return Object.hasOwn(kindsByLevel, text);
}

/** The policies of a level that administrators see. */
export async function listPolicies(
  organization: OrganizationStore,
  level: PolicyLevel,
  settings: PlanSettings,
): Promise<readonly Policy[]> {
  const kind: PolicyKind = kindsByLevel[level];
  if (kind !== 'custom') return offeredPlans(organization, kind, settings);
  return organization.organization === superOrganization ? organization.customRules.list() : [];
}

/** The policy of a level with that name. */
export async function findPolicy(
  organization: OrganizationStore,
  level: PolicyLevel,
  name: string,
): Promise<Policy | undefined> {
  if (level === 'global') return organization.customRules.find(name);
  return organization.plans.find(kindsByLevel[level] as PlanKind, name);
}

/** The policy as WSO2 writes it. */
export function policyView(policy: Policy): JsonObject {
  return 'kind' in policy ? planView(policy) : customRuleView(policy);
}
