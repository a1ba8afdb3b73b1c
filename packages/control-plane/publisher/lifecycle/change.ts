import {
  type Api,
  availableTransitions,
  type ChecklistItem,
  checklistItems,
  errors,
  type LifecycleStatus,
  lifecycleChecklist,
  parseEndpointConfig,
  SluiceError,
  transition,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { announceApi } from '../revisions/announce.ts';
import { retire } from '../revisions/undeploy.ts';
import { carrySubscriptions } from './carry-subscriptions.ts';

/** A change of state that somebody asked for. */
export interface LifecycleChange {
  readonly event: string;
  readonly checklist: ReadonlySet<ChecklistItem>;
  readonly user: string;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** Takes an API to its next state and tells the gateways; call it in a transaction. Throws 400 on what is not possible. */
export async function changeLifecycle(
  organization: OrganizationStore,
  api: Api,
  change: LifecycleChange,
): Promise<Api> {
  const next = transition(api.status, change.event);
  if (!next) {
    const allowed =
      availableTransitions(api.status)
        .map(({ event }) => event)
        .join(', ') || 'none';
    throw new SluiceError(errors.lifecycleEventInvalid, { event: change.event, status: api.status, allowed });
  }
  if (next === 'PUBLISHED' || next === 'PROTOTYPED') checkPublishable(api, next);
  const changed = await enter(organization, api, next, change);
  if (next === 'PUBLISHED' && change.checklist.has(checklistItems.deprecateOld)) {
    await deprecateOthers(organization, changed, change);
  }
  // The checklist belongs to the first publication; later ones find their subscribers in place.
  if (
    next === 'PUBLISHED' &&
    lifecycleChecklist(api.status).length > 0 &&
    !change.checklist.has(checklistItems.requireResubscription)
  ) {
    await carrySubscriptions(organization, changed, change.time);
  }
  return changed;
}

/** WSO2 publishes nothing without a backend, and nothing that is secured without a business plan (codes 903223, 903224). */
function checkPublishable(api: Api, next: LifecycleStatus): void {
  const advertised = (api.more.advertiseInfo as { advertised?: unknown } | undefined)?.advertised === true;
  if (api.endpointImplementationType === 'ENDPOINT' && !advertised) {
    const { endpoints } = parseEndpointConfig(api.endpointConfig);
    if (!endpoints.production && !endpoints.sandbox) throw new SluiceError(errors.publishWithoutEndpoint);
  }
  if (next === 'PUBLISHED' && api.policies.length === 0 && !advertised) {
    throw new SluiceError(errors.publishWithoutPlan);
  }
}

async function enter(
  organization: OrganizationStore,
  api: Api,
  next: LifecycleStatus,
  change: LifecycleChange,
): Promise<Api> {
  const changed: Api = { ...api, status: next, updatedTime: change.time, updatedBy: change.user };
  if (!(await organization.apis.update(changed))) throw new SluiceError(errors.apiNotFound, { id: api.id });
  await organization.apis.appendHistory({
    apiId: api.id,
    previous: api.status,
    next,
    user: change.user,
    time: change.time,
  });
  if (next === 'RETIRED') await retire(organization, changed);
  else await announceApi(organization, changed);
  return changed;
}

/** The other versions that are in use step back for the one just published. */
async function deprecateOthers(
  organization: OrganizationStore,
  published: Api,
  change: LifecycleChange,
): Promise<void> {
  for (const other of await organization.apis.versions(published.name)) {
    if (
      other.id !== published.id &&
      transition(other.status, 'Deprecate') &&
      other.createdTime <= published.createdTime
    ) {
      await enter(organization, other, 'DEPRECATED', change);
    }
  }
}
