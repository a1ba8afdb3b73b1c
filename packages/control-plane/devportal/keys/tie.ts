import { type Application, errors, type KeyMapping, type KeyType, SluiceError } from '@sluice/model';
import { ConflictError } from '@sluice/store';
import { announce, keyEntry } from '../../feed/announce.ts';
import type { DevportalDependencies } from '../settings.ts';

/** Writes the tie between an application that is still there and a client, and tells the gateways. Throws 409 when there are keys already. */
export async function tie(deps: DevportalDependencies, application: Application, mapping: KeyMapping): Promise<void> {
  await deps.store.transaction(async (tx) => {
    const organization = tx.organization(application.organization);
    if (!(await organization.applications.get(application.id))) {
      throw new SluiceError(errors.applicationNotFound, { id: application.id });
    }
    try {
      await organization.keyMappings.create(mapping);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw error.rule === 'consumer-key'
        ? new SluiceError(errors.consumerKeyTaken, { consumerKey: mapping.consumerKey }, { cause: error })
        : keysExist(mapping);
    }
    await announce(organization.feed, keyEntry(mapping));
  });
}

/** Throws 409 when the application has keys of this type and key manager. */
export async function refuseSecond(
  { store }: DevportalDependencies,
  application: Application,
  keyType: KeyType,
  keyManager: string,
): Promise<void> {
  const mappings = await store.organization(application.organization).keyMappings.list(application.id);
  if (mappings.some((mapping) => mapping.keyType === keyType && mapping.keyManager === keyManager)) {
    throw keysExist({ keyType, keyManager });
  }
}

/** 409: one pair of keys for each type and key manager. */
export function keysExist(keys: Pick<KeyMapping, 'keyType' | 'keyManager'>): SluiceError {
  return new SluiceError(errors.keyMappingExists, { keyType: keys.keyType, keyManager: keys.keyManager });
}
