import { errors, SluiceError } from '@sluice/model';
import type { RestHandler, RestHandlers } from '../../rest/handler.ts';
import { ownApplication } from '../applications/find.ts';
import type { DevportalDependencies } from '../settings.ts';
import { heldKeys, removeKeys, updateKeys } from './change.ts';
import { keysOfPath } from './find.ts';
import { generateKeys } from './generate.ts';
import { mapKeys } from './map.ts';
import { generateToken } from './token.ts';
import { keyView, keyViews } from './view.ts';

/** The keys of an application: `/oauth-keys`, and `/keys` by key type, which apictl and older clients still call. */
export function keyHandlers(deps: DevportalDependencies): RestHandlers {
  const { store, keyManager } = deps;

  const list: RestHandler = async (request) => {
    const organization = store.organization(request.organization);
    const application = await ownApplication(organization, request, request.path.applicationId ?? '');
    const keys = await keyViews(organization, keyManager, application);
    return { status: 200, body: { count: keys.length, list: keys } };
  };
  const get: RestHandler = async (request) => {
    const organization = store.organization(request.organization);
    const application = await ownApplication(organization, request, request.path.applicationId ?? '');
    const mapping = await keysOfPath(organization, request, application.id);
    const held = await keyManager.clients.get(request.organization, mapping.consumerKey);
    return { status: 200, body: keyView(mapping, held) };
  };
  const update: RestHandler = async (request) => ({ status: 200, body: await updateKeys(deps, request) });
  const remove: RestHandler = async (request) => {
    await removeKeys(deps, request);
    return { status: 200 };
  };
  const regenerateSecret: RestHandler = async (request) => {
    const { mapping } = await heldKeys(deps, request);
    const secret = await keyManager.clients.regenerateSecret(request.organization, mapping.consumerKey);
    if (secret === undefined) throw new SluiceError(errors.keyMappingNotFound, { id: mapping.id });
    return { status: 200, body: { consumerKey: mapping.consumerKey, consumerSecret: secret } };
  };
  const token: RestHandler = async (request) => ({ status: 200, body: await generateToken(deps, request) });

  return {
    generateKeys: async (request) => ({ status: 200, body: await generateKeys(deps, request) }),
    mapKeys: async (request) => ({ status: 200, body: await mapKeys(deps, request) }),
    listOauthKeys: list,
    getOauthKey: get,
    updateOauthKey: update,
    deleteOauthKey: remove,
    regenerateOauthSecret: regenerateSecret,
    cleanUpOauthKey: remove,
    generateOauthToken: token,
    listKeys: list,
    getKey: get,
    updateKey: update,
    regenerateSecret,
    cleanUpKey: remove,
    generateToken: token,
  };
}
