import { randomUUID } from 'node:crypto';
import { type Application, errors, type JsonObject, type KeyMapping, type KeyType, SluiceError } from '@sluice/model';
import { ConflictError } from '@sluice/store';
import { announce, keyEntry } from '../../feed/announce.ts';
import type { RestRequest } from '../../rest/handler.ts';
import { ownApplication } from '../applications/find.ts';
import { chooseKeyManager } from '../key-managers.ts';
import type { DevportalDependencies } from '../settings.ts';
import { checkGrants, readNames } from './grants.ts';
import { readLifetime, readProperties } from './properties.ts';
import { keyView } from './view.ts';

/** `generate-keys`: makes an OAuth client for the application, ties it to it and, where the client may, gets a first token. */
export async function generateKeys(deps: DevportalDependencies, request: RestRequest): Promise<JsonObject> {
  const { store, keyManager, log } = deps;
  const body = request.body as JsonObject;
  const organization = store.organization(request.organization);
  const application = await ownApplication(organization, request, request.path.applicationId ?? '');
  if (application.status !== 'APPROVED') {
    throw new SluiceError(errors.applicationNotApproved, { id: application.id, status: application.status });
  }
  const manager = chooseKeyManager(request, text(body.keyManager));
  const keyType = body.keyType as KeyType;
  const grantTypes = readNames(body.grantTypesToBeSupported);
  const callbackUrl = text(body.callbackUrl);
  checkGrants(grantTypes, callbackUrl, manager);
  const properties = readProperties(body.additionalProperties);
  const validity = readLifetime('validityTime', body.validityTime);
  const scopes = readNames(body.scopes);
  await refuseSecond(deps, application, keyType, manager.name);

  const made = await makeClient(
    deps,
    application,
    { keyType, keyManager: manager.name },
    {
      grantTypes,
      ...(callbackUrl === '' ? {} : { callbackUrl }),
      scopes,
      tokenType: application.tokenType,
      properties,
      ...(text(body.clientId) === '' ? {} : { clientId: text(body.clientId) }),
      ...(text(body.clientSecret) === '' ? {} : { clientSecret: text(body.clientSecret) }),
    },
  );
  const mapping: KeyMapping = {
    id: randomUUID(),
    applicationId: application.id,
    keyType,
    keyManager: manager.name,
    consumerKey: made.client.clientId,
    state: 'COMPLETED',
    mode: 'CREATED',
    properties,
  };
  try {
    await tie(deps, application, mapping);
  } catch (error) {
    await keyManager.clients.remove(request.organization, made.client.clientId);
    throw error;
  }

  // WSO2 answers APPROVED here and COMPLETED ever after.
  const view: JsonObject = { ...keyView(mapping, made), keyState: 'APPROVED' };
  if (!grantTypes.includes('client_credentials')) return view;
  try {
    const token = await keyManager.issueToken({
      organization: request.organization,
      client: made.client,
      scopes,
      ...(validity === undefined ? {} : { validitySeconds: validity }),
    });
    view.token = tokenView(token);
  } catch (error) {
    // The keys are made and good; a token can be had later.
    log.warn('no first token for new keys', { consumerKey: mapping.consumerKey, error: String(error) });
  }
  return view;
}

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

type ClientRequest = Omit<
  Parameters<DevportalDependencies['keyManager']['clients']['create']>[0],
  'organization' | 'owner' | 'name'
>;

/** WSO2's name of the client, shown on consent pages: `<owner>_<application>_<key type>`. */
function clientName(application: Application, keyType: KeyType): string {
  return `${application.owner}_${application.id}_${keyType}`;
}

async function makeClient(
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

function keysExist(keys: Pick<KeyMapping, 'keyType' | 'keyManager'>): SluiceError {
  return new SluiceError(errors.keyMappingExists, { keyType: keys.keyType, keyManager: keys.keyManager });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** WSO2's `ApplicationToken`. */
export function tokenView(token: { accessToken: string; scopes: string[]; validitySeconds: number }): JsonObject {
  return { accessToken: token.accessToken, tokenScopes: token.scopes, validityTime: token.validitySeconds };
}
