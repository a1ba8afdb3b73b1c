import { errors, type JsonObject, type KeyMapping, SluiceError } from '@sluice/model';
import type { OAuthClient } from '@sluice/store';
import { keyEntry, withdraw } from '../../feed/announce.ts';
import type { RestRequest } from '../../rest/handler.ts';
import { ownApplication } from '../applications/find.ts';
import { removeClients } from '../applications/remove.ts';
import { chooseKeyManager } from '../key-managers.ts';
import type { DevportalDependencies } from '../settings.ts';
import { keysOfPath } from './find.ts';
import { checkGrants, readNames } from './grants.ts';
import { readProperties } from './properties.ts';
import { keyView } from './view.ts';

/** The caller's keys that a path names, with their client; throws 404 when either is gone. */
export async function heldKeys(
  { store, keyManager }: DevportalDependencies,
  request: RestRequest,
): Promise<{ mapping: KeyMapping; client: OAuthClient; secret: string }> {
  const organization = store.organization(request.organization);
  const application = await ownApplication(organization, request, request.path.applicationId ?? '');
  const mapping = await keysOfPath(organization, request, application.id);
  const held = await keyManager.clients.get(request.organization, mapping.consumerKey);
  if (!held) throw new SluiceError(errors.keyMappingNotFound, { id: mapping.id });
  return { mapping, ...held };
}

/** Grants, callback URL and properties; members that are absent stay. */
export async function updateKeys(deps: DevportalDependencies, request: RestRequest): Promise<JsonObject> {
  const { store, keyManager } = deps;
  const body = request.body as JsonObject;
  const { mapping, client, secret } = await heldKeys(deps, request);
  const grantTypes = body.supportedGrantTypes === undefined ? client.grantTypes : readNames(body.supportedGrantTypes);
  const callbackUrl = typeof body.callbackUrl === 'string' ? body.callbackUrl : client.callbackUrl;
  checkGrants(grantTypes, callbackUrl, chooseKeyManager(request, mapping.keyManager));
  const properties =
    body.additionalProperties === undefined ? mapping.properties : readProperties(body.additionalProperties);

  const changed: OAuthClient = { ...client, grantTypes, callbackUrl, properties };
  if (!(await keyManager.clients.update(changed))) throw new SluiceError(errors.keyMappingNotFound, { id: mapping.id });
  const kept: KeyMapping = { ...mapping, properties };
  if (!(await store.organization(request.organization).keyMappings.update(kept))) {
    throw new SluiceError(errors.keyMappingNotFound, { id: mapping.id });
  }
  return keyView(kept, { client: changed, secret });
}

/** Removes keys and the client that was made for them; the gateways refuse its tokens from then on. */
export async function removeKeys(deps: DevportalDependencies, request: RestRequest): Promise<void> {
  const mapping = await deps.store.transaction(async (tx) => {
    const organization = tx.organization(request.organization);
    const application = await ownApplication(organization, request, request.path.applicationId ?? '');
    const found = await keysOfPath(organization, request, application.id);
    await organization.keyMappings.remove(found.id);
    await withdraw(organization.feed, keyEntry(found));
    return found;
  });
  await removeClients(deps, request.organization, [mapping]);
}
