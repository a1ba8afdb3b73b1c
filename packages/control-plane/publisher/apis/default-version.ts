import type { Api } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { announceApi } from '../revisions/announce.ts';

/**
 * Makes a version the one that also answers without the version segment: the others of its name step back, and the gateways learn of all of them.
 * Which version is the default is not frozen in revisions. Call it in the transaction of the change.
 */
export async function takeDefault(organization: OrganizationStore, api: Api): Promise<void> {
  for (const other of await organization.apis.versions(api.name)) {
    if (other.id === api.id || !other.isDefaultVersion) continue;
    const changed = { ...other, isDefaultVersion: false };
    await organization.apis.update(changed);
    await announceApi(organization, changed);
  }
  await announceApi(organization, api);
}
