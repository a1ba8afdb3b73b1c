import { randomUUID, timingSafeEqual } from 'node:crypto';
import { errors, type JsonObject, type KeyMapping, type KeyType, SluiceError } from '@sluice/model';
import type { RestRequest } from '../../rest/handler.ts';
import { ownApplication } from '../applications/find.ts';
import { chooseKeyManager } from '../key-managers.ts';
import type { DevportalDependencies } from '../settings.ts';
import { refuseSecond, tie } from './tie.ts';
import { keyView } from './view.ts';

/** `map-keys`: gives an application a client that exists; who knows its secret may. */
export async function mapKeys(deps: DevportalDependencies, request: RestRequest): Promise<JsonObject> {
  const { store, keyManager, settings } = deps;
  if (!settings.mapExistingClients) {
    throw new SluiceError(errors.operationUnsupported, { detail: 'Clients that exist cannot be mapped here.' });
  }
  const body = request.body as JsonObject;
  const organization = store.organization(request.organization);
  const application = await ownApplication(organization, request, request.path.applicationId ?? '');
  if (application.status !== 'APPROVED') {
    throw new SluiceError(errors.applicationNotApproved, { id: application.id, status: application.status });
  }
  const manager = chooseKeyManager(request, typeof body.keyManager === 'string' ? body.keyManager : '');
  const keyType = body.keyType as KeyType;
  const consumerKey = String(body.consumerKey);
  await refuseSecond(deps, application, keyType, manager.name);
  const held = await keyManager.clients.get(request.organization, consumerKey);
  // One answer for an unknown client and a wrong secret, so that client ids cannot be probed.
  if (!held || !sameSecret(held.secret, String(body.consumerSecret ?? ''))) {
    throw new SluiceError(errors.consumerSecretInvalid);
  }
  const mapping: KeyMapping = {
    id: randomUUID(),
    applicationId: application.id,
    keyType,
    keyManager: manager.name,
    consumerKey,
    state: 'COMPLETED',
    mode: 'MAPPED',
    properties: held.client.properties,
  };
  await tie(deps, application, mapping);
  return keyView(mapping, held);
}

/** Compares without telling by its time how much is right. */
export function sameSecret(right: string, given: string): boolean {
  const [a, b] = [Buffer.from(right), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
