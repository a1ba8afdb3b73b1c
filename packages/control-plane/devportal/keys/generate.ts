import { randomUUID } from 'node:crypto';
import { errors, type JsonObject, type KeyMapping, type KeyType, SluiceError } from '@sluice/model';
import type { RestRequest } from '../../rest/handler.ts';
import { ownApplication } from '../applications/find.ts';
import { removeClients } from '../applications/remove.ts';
import { chooseKeyManager } from '../key-managers.ts';
import type { DevportalDependencies } from '../settings.ts';
import { makeClient } from './client.ts';
import { checkGrants, readCredential, readNames } from './grants.ts';
import { readLifetime, readProperties } from './properties.ts';
import { refuseSecond, tie } from './tie.ts';
import { keyView, tokenView } from './view.ts';

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
  const clientId = readCredential('clientId', body.clientId);
  const clientSecret = readCredential('clientSecret', body.clientSecret);
  await refuseSecond(deps, application, keyType, manager.name);

  const keys = { keyType, keyManager: manager.name };
  const made = await makeClient(deps, application, keys, {
    grantTypes,
    ...(callbackUrl === '' ? {} : { callbackUrl }),
    scopes,
    tokenType: application.tokenType,
    properties,
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
  });
  const mapping: KeyMapping = {
    id: randomUUID(),
    applicationId: application.id,
    ...keys,
    consumerKey: made.client.clientId,
    state: 'COMPLETED',
    mode: 'CREATED',
    properties,
  };
  try {
    await tie(deps, application, mapping);
  } catch (error) {
    await removeClients(deps, request.organization, [mapping]);
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

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
