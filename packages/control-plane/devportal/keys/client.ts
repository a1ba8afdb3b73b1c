import { type Application, errors, type KeyMapping, type KeyType, SluiceError } from '@sluice/model';
import { ConflictError } from '@sluice/store';
import type { DevportalDependencies } from '../settings.ts';
import { keysExist } from './tie.ts';

type ClientRequest = Omit<
  Parameters<DevportalDependencies['keyManager']['clients']['create']>[0],
  'organization' | 'owner' | 'name'
>;

/** WSO2's name of the client, shown on consent pages: `<owner>_<application>_<key type>`. */
function clientName(application: Application, keyType: KeyType): string {
  return `${application.owner}_${application.id}_${keyType}`;
}

/** Makes the OAuth client of an application's keys. Throws 409 when there is one already, or when a chosen id is taken. */
export async function makeClient(
  deps: DevportalDependencies,
  application: Application,
  keys: Pick<KeyMapping, 'keyType' | 'keyManager'>,
  wanted: ClientRequest,
) {
  const { keyManager } = deps;
  const request = {
    ...wanted,
    organization: application.organization,
    owner: application.owner,
    name: clientName(application, keys.keyType),
  };
  try {
    return await keyManager.clients.create(request);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    if (error.rule === 'client-name' && (await removeOrphan(deps, request))) return keyManager.clients.create(request);
    throw error.rule === 'client-name'
      ? keysExist(keys)
      : new SluiceError(errors.consumerKeyTaken, { consumerKey: wanted.clientId ?? '' }, { cause: error });
  }
}

/** Younger clients without keys may belong to a request in progress. */
const orphanAge = 60_000;

/** A client of this name that no keys refer to was left by a crash between its making and the tie. True when one was removed. */
async function removeOrphan(
  deps: DevportalDependencies,
  request: { organization: string; name: string },
): Promise<boolean> {
  const organization = deps.store.organization(request.organization);
  const client = await organization.clients.findByName(request.name);
  if (!client || Date.now() - client.createdTime < orphanAge) return false;
  if (await organization.keyMappings.byConsumerKey(client.clientId)) return false;
  return deps.keyManager.clients.remove(request.organization, client.clientId);
}
