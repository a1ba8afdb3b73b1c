import { residentKeyManager } from '@sluice/key-manager';
import { errors, type KeyMapping, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';

/** The keys that a path names: by `keyMappingId`, or (deprecated routes) by `keyType` at the resident key manager. Throws 404. */
export async function keysOfPath(
  organization: OrganizationStore,
  request: RestRequest,
  applicationId: string,
): Promise<KeyMapping> {
  const { keyMappingId, keyType } = request.path;
  const mappings = await organization.keyMappings.list(applicationId);
  const found = mappings.find((mapping) =>
    keyMappingId === undefined
      ? mapping.keyType === keyType && mapping.keyManager === residentKeyManager
      : mapping.id === keyMappingId,
  );
  if (!found) throw new SluiceError(errors.keyMappingNotFound, { id: keyMappingId ?? keyType ?? '' });
  return found;
}
