import { errors, type PlanKind, SluiceError } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { RestHandler, RestHandlers } from '../rest/handler.ts';
import { planInfo, planView } from './plan-view.ts';

/** `/throttling/policies/{application|subscription|advanced}`, to read. */
export function planHandlers({ store }: { readonly store: Store }): RestHandlers {
  const listOf =
    (kind: PlanKind): RestHandler =>
    async (request) => {
      const plans = await store.organization(request.organization).plans.list(kind);
      const list = plans.sort((one, other) => (one.name < other.name ? -1 : 1)).map(planInfo);
      return { status: 200, body: { count: list.length, list } };
    };
  const oneOf =
    (kind: PlanKind): RestHandler =>
    async (request) => {
      const id = request.path.policyId ?? '';
      const plan = await store.organization(request.organization).plans.get(id);
      if (plan?.kind !== kind) throw new SluiceError(errors.planNotFound, { name: id });
      return { status: 200, body: planView(plan) };
    };

  return {
    listApplicationPlans: listOf('application'),
    getApplicationPlan: oneOf('application'),
    listSubscriptionPlans: listOf('subscription'),
    getSubscriptionPlan: oneOf('subscription'),
    listAdvancedPlans: listOf('advanced'),
    getAdvancedPlan: oneOf('advanced'),
  };
}
