import { type Api, errors, type Revision, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

/**
 * Makes a revision the working copy again. What a revision does not freeze stays as it is: identity, owner, state, thumbnail, and which version is the
 * default. What is deployed is not touched. Call it in a transaction.
 */
export async function restoreRevision(
  organization: OrganizationStore,
  present: Api,
  revision: Revision,
  by: { readonly user: string; readonly time: number },
): Promise<Api> {
  const restored: Api = {
    ...revision.api,
    id: present.id,
    organization: present.organization,
    name: present.name,
    version: present.version,
    context: present.context,
    provider: present.provider,
    type: present.type,
    status: present.status,
    isDefaultVersion: present.isDefaultVersion,
    hasThumbnail: present.hasThumbnail,
    createdTime: present.createdTime,
    updatedTime: by.time,
    updatedBy: by.user,
  };
  if (!(await organization.apis.update(restored))) throw new SluiceError(errors.apiNotFound, { id: present.id });
  await organization.apis.setDefinition(present.id, revision.definition);
  return restored;
}
