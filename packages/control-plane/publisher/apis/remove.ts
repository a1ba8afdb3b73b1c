import { type Api, errors, SluiceError } from '@sluice/model';
import { ConflictError, type OrganizationStore } from '@sluice/store';
import { undeployEverywhere } from '../revisions/undeploy.ts';

/** Deletes an API with all that is its own, and takes it off the gateways. Throws 409 while anybody is subscribed. Call it in a transaction. */
export async function removeApi(organization: OrganizationStore, api: Api): Promise<void> {
  const { total } = await organization.subscriptions.list({ apiId: api.id }, { offset: 0, limit: 0 });
  if (total > 0) throw new SluiceError(errors.apiHasSubscriptions, { id: api.id, count: total });
  await undeployEverywhere(organization, api.id);
  try {
    await organization.apis.remove(api.id);
  } catch (error) {
    // Somebody subscribed between the two.
    if (error instanceof ConflictError) throw new SluiceError(errors.apiHasSubscriptions, { id: api.id, count: 1 });
    throw error;
  }
}
