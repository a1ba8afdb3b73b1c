import { randomUUID } from 'node:crypto';
import { errors, type Plan, type PlanDraft, type PlanKind, SluiceError } from '@sluice/model';
import { ConflictError, type OrganizationStore, type PlanUse } from '@sluice/store';
import { announce, planEntry, withdraw } from '../../feed/announce.ts';
import { unlimitedPlan } from '../../plans/offered.ts';

/** Users of a plan that are named to who wants to remove it. */
const mostNamed = 5;

/** Makes a plan and tells the gateways; call it in a transaction. Throws 409 when the name is taken. */
export async function createPlan(organization: OrganizationStore, draft: PlanDraft): Promise<Plan> {
  const plan: Plan = { ...draft, id: randomUUID(), organization: organization.organization };
  guardUnlimited(plan);
  try {
    await organization.plans.create(plan);
  } catch (error) {
    if (error instanceof ConflictError) throw planExists(plan, error);
    throw error;
  }
  await announce(organization.feed, planEntry(plan));
  return plan;
}

/** 409 for a name that is taken. */
export function planExists({ kind, name }: Pick<Plan, 'kind' | 'name'>, cause?: unknown): SluiceError {
  return new SluiceError(errors.policyExists, { what: articled(kind), name }, { cause });
}

function articled(kind: PlanKind): string {
  return kind === 'subscription' ? 'a subscription policy' : `an ${kind} policy`;
}

/** Replaces all of a plan but its name and identity, and tells the gateways; call it in a transaction. */
export async function updatePlan(organization: OrganizationStore, known: Plan, draft: PlanDraft): Promise<Plan> {
  const plan: Plan = { ...draft, name: known.name, id: known.id, organization: known.organization };
  guardUnlimited(plan);
  if (isForAi(known) !== isForAi(plan)) throw new SluiceError(errors.policyQuotaTypeFixed, { name: known.name });
  if (!(await organization.plans.update(plan))) throw new SluiceError(errors.planNotFound, { name: known.id });
  await announce(organization.feed, planEntry(plan));
  return plan;
}

/** Removes a plan that nobody uses, and tells the gateways; call it in a transaction. Throws 403 with who uses it. */
export async function removePlan(organization: OrganizationStore, plan: Plan): Promise<void> {
  const { kind, name } = plan;
  if (name === unlimitedPlan) throw new SluiceError(errors.policyBuiltIn, { name });
  const uses = await organization.plans.uses(kind, name, mostNamed + 1);
  if (uses.length > 0) throw new SluiceError(errors.policyInUse, { name, uses: inWords(uses) });
  await organization.plans.remove(plan.id);
  await withdraw(organization.feed, planEntry(plan));
}

/** Code and people rely on it. */
function guardUnlimited({ name, quota, burst, conditionalGroups = [] }: Plan): void {
  const limits = quota !== null || burst !== null || conditionalGroups.length > 0;
  if (name === unlimitedPlan && limits) throw new SluiceError(errors.policyBuiltIn, { name });
}

function isForAi(plan: Plan): boolean {
  return Object.hasOwn(plan.more, 'aiApiQuota');
}

function inWords(uses: readonly PlanUse[]): string {
  const named = uses.slice(0, mostNamed).map(({ what, name }) => `the ${what} ${name}`);
  return [...named, ...(uses.length > mostNamed ? ['others'] : [])].join(', ');
}
