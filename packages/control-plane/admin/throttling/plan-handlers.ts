import {
  errors,
  type JsonObject,
  type Log,
  type Plan,
  type PlanDraft,
  type PlanKind,
  planView,
  readPlan,
  SluiceError,
} from '@sluice/model';
import type { OrganizationStore, Store } from '@sluice/store';
import { offeredPlans, type PlanSettings } from '../../plans/offered.ts';
import type { RestHandler, RestHandlers, RestRequest, RestResponse } from '../../rest/handler.ts';
import { refuse } from './findings.ts';
import { createPlan, removePlan, updatePlan } from './plans.ts';
import { switchedOff } from './switched-off.ts';

/** What operations on policies work with. */
export interface ThrottlingDependencies {
  readonly store: Store;
  readonly log: Log;
  readonly plans: PlanSettings;
}

/** `/throttling/policies/{application|subscription|advanced}`. */
export function planHandlers(deps: ThrottlingDependencies): RestHandlers {
  return {
    listApplicationPlans: lister(deps, 'application'),
    createApplicationPlan: creator(deps, 'application'),
    getApplicationPlan: reader(deps, 'application'),
    updateApplicationPlan: updater(deps, 'application'),
    deleteApplicationPlan: remover(deps, 'application'),
    listSubscriptionPlans: lister(deps, 'subscription'),
    createSubscriptionPlan: creator(deps, 'subscription'),
    getSubscriptionPlan: reader(deps, 'subscription'),
    updateSubscriptionPlan: updater(deps, 'subscription'),
    deleteSubscriptionPlan: remover(deps, 'subscription'),
    listAdvancedPlans: lister(deps, 'advanced'),
    createAdvancedPlan: creator(deps, 'advanced'),
    getAdvancedPlan: reader(deps, 'advanced'),
    updateAdvancedPlan: updater(deps, 'advanced'),
    deleteAdvancedPlan: remover(deps, 'advanced'),
  };
}

function lister({ store, plans }: ThrottlingDependencies, kind: PlanKind): RestHandler {
  return async (request) => {
    const list = (await offeredPlans(store.organization(request.organization), kind, plans)).map(planInfo);
    return { status: 200, body: { count: list.length, list } };
  };
}

/** WSO2 leaves the groups of conditions out of lists. */
function planInfo(plan: Plan): JsonObject {
  const { conditionalGroups: _, ...info } = planView(plan);
  return info;
}

function creator(deps: ThrottlingDependencies, kind: PlanKind): RestHandler {
  return async (request) => {
    const draft = draftOf(kind, request.body as JsonObject);
    const plan = await deps.store.transaction((tx) => createPlan(tx.organization(request.organization), draft));
    const location = `${request.baseUrl}/api/am/admin/v4/throttling/policies/${kind}/${plan.id}`;
    return warned(deps, draft, { status: 201, headers: { location }, body: planView(plan) });
  };
}

function reader({ store }: ThrottlingDependencies, kind: PlanKind): RestHandler {
  return async (request) => {
    const plan = await findPlan(store.organization(request.organization), kind, request);
    return { status: 200, body: planView(plan) };
  };
}

function updater(deps: ThrottlingDependencies, kind: PlanKind): RestHandler {
  return async (request) => {
    const { draft, plan } = await deps.store.transaction(async (tx) => {
      const organization = tx.organization(request.organization);
      const known = await findPlan(organization, kind, request);
      // The name stays, whatever the body says, as in WSO2.
      const draft = draftOf(kind, { ...(request.body as JsonObject), policyName: known.name });
      return { draft, plan: await updatePlan(organization, known, draft) };
    });
    return warned(deps, draft, { status: 200, body: planView(plan) });
  };
}

function remover({ store }: ThrottlingDependencies, kind: PlanKind): RestHandler {
  return async (request) => {
    await store.transaction(async (tx) => {
      const organization = tx.organization(request.organization);
      await removePlan(organization, await findPlan(organization, kind, request));
    });
    return { status: 200 };
  };
}

async function findPlan(organization: OrganizationStore, kind: PlanKind, request: RestRequest): Promise<Plan> {
  const id = request.path.policyId ?? '';
  const plan = await organization.plans.get(id);
  if (plan?.kind !== kind) throw new SluiceError(errors.planNotFound, { name: id });
  return plan;
}

/** Throws 400 with all that is wrong. */
export function draftOf(kind: PlanKind, data: JsonObject): PlanDraft {
  const { draft, findings } = readPlan(kind, data);
  refuse(findings, errors.policyInvalid);
  return draft as PlanDraft;
}

/** Says in log and answer what of the plan has no effect. */
export function warned({ log, plans }: ThrottlingDependencies, draft: PlanDraft, response: RestResponse): RestResponse {
  const warning = switchedOff(draft, plans);
  if (warning === '') return response;
  log.warn('a policy was saved that has no full effect', { policy: draft.name, reason: warning });
  return { ...response, headers: { ...response.headers, 'sluice-warning': warning } };
}
