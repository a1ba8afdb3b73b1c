import { errors, type Plan, SluiceError } from '@sluice/model';
import { offeredPlans } from '../../plans/offered.ts';
import { planPermitted } from '../../plans/permitted.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import type { DevportalDependencies } from '../settings.ts';
import { planView } from './view.ts';

/** `/throttling-policies/{policyLevel}`. */
export function planHandlers({ store, plans: settings }: DevportalDependencies): RestHandlers {
  const visible = async (request: RestRequest): Promise<readonly Plan[]> => {
    const plans = await offeredPlans(store.organization(request.organization), levelOf(request), settings);
    return plans.filter((plan) => planPermitted(plan, request.principal.roles));
  };

  return {
    listPlans: async (request) => {
      const plans = await visible(request);
      const page = pageOf(request);
      const list = plans.slice(page.offset, page.offset + page.limit).map(planView);
      return { status: 200, body: listView(`/throttling-policies/${levelOf(request)}`, page, plans.length, list) };
    },
    getPlan: async (request) => {
      const name = request.path.policyId ?? '';
      const plan = (await visible(request)).find((candidate) => candidate.name === name);
      if (!plan) throw new SluiceError(errors.planNotFound, { name });
      return { status: 200, body: planView(plan) };
    },
  };
}

function levelOf(request: RestRequest): 'application' | 'subscription' {
  const level = request.path.policyLevel ?? '';
  if (level === 'application' || level === 'subscription') return level;
  throw new SluiceError(errors.planLevelInvalid, { level });
}
