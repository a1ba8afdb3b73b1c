import { createHash, randomUUID } from 'node:crypto';
import type { Application } from '@sluice/model';
import { ConflictError, type OrganizationStore } from '@sluice/store';
import { announce, applicationEntry } from '../../feed/announce.ts';
import { offeredPlans, type PlanSettings, usualPlan } from '../../plans/offered.ts';
import type { RestRequest } from '../../rest/handler.ts';
import type { DevportalDependencies } from '../settings.ts';

/** Name of the application that WSO2 gives every subscriber at the first sign-in. */
const defaultApplicationName = 'DefaultApplication';

/** Users whose first sign-in is known to be over; the store is asked once for each of these at most. */
const mostRemembered = 10_000;

/**
 * Makes `DefaultApplication` for a subscriber who comes for the first time. Who removed it does not get it again.
 * Applications that act for themselves have no use for it.
 */
export function createFirstSignIn({
  store,
  log,
  plans,
}: DevportalDependencies): (request: RestRequest) => Promise<void> {
  const over = new Set<string>();

  async function greet(request: RestRequest, marker: string): Promise<void> {
    await store.transaction(async (tx) => {
      if ((await tx.system.values.get(marker)) !== undefined) return;
      await tx.system.values.set(marker, true);
      const organization = tx.organization(request.organization);
      const plan = await startingPlan(organization, plans);
      if (plan !== undefined) await makeDefault(organization, request.principal.user, plan);
    });
  }

  return async (request) => {
    const { principal } = request;
    if (request.anonymous || principal.user === principal.clientId || !principal.scopes.has('apim:subscribe')) return;
    const marker = markerOf(request);
    if (over.has(marker)) return;
    try {
      if ((await store.system.values.get(marker)) === undefined) await greet(request, marker);
    } catch (error) {
      // It is a courtesy: the request itself must not fail for it.
      log.warn('no default application could be made', { user: principal.user, error: String(error) });
      return;
    }
    if (over.size >= mostRemembered) over.clear();
    over.add(marker);
  };
}

/** Hashed, since names of values are shorter than names of people may be. */
function markerOf({ organization, principal }: RestRequest): string {
  const who = JSON.stringify([organization, principal.user.toLowerCase()]);
  return `devportal.signed-in/${createHash('sha256').update(who).digest('base64url')}`;
}

/** The usual plan where the administrator kept it. */
async function startingPlan(organization: OrganizationStore, settings: PlanSettings): Promise<string | undefined> {
  const plans = await offeredPlans(organization, 'application', settings);
  return (plans.find(({ name }) => name === usualPlan('application', settings)) ?? plans[0])?.name;
}

async function makeDefault(organization: OrganizationStore, owner: string, plan: string): Promise<void> {
  const now = Date.now();
  const application: Application = {
    id: randomUUID(),
    organization: organization.organization,
    name: defaultApplicationName,
    owner,
    description: 'Made at the first sign-in',
    throttlingPolicy: plan,
    tokenType: 'JWT',
    status: 'APPROVED',
    groups: [],
    visibility: 'PRIVATE',
    attributes: {},
    createdTime: now,
    updatedTime: now,
  };
  try {
    await organization.applications.create(application);
  } catch (error) {
    if (error instanceof ConflictError) return;
    throw error;
  }
  await announce(organization.feed, applicationEntry(application));
}
