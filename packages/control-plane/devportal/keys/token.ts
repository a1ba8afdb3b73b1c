import { errors, type JsonObject, SluiceError } from '@sluice/model';
import type { RestRequest } from '../../rest/handler.ts';
import type { DevportalDependencies } from '../settings.ts';
import { heldKeys } from './change.ts';
import { readNames } from './grants.ts';
import { sameSecret } from './map.ts';
import { readLifetime } from './properties.ts';
import { tokenView } from './view.ts';

/** `generate-token`: a token by client credentials, without the detour over the token endpoint. */
export async function generateToken(deps: DevportalDependencies, request: RestRequest): Promise<JsonObject> {
  const { keyManager } = deps;
  const body = request.body as JsonObject;
  const { mapping, client, secret } = await heldKeys(deps, request);
  if (body.grantType === 'TOKEN_EXCHANGE') {
    throw new SluiceError(errors.tokenRequestInvalid, { detail: `${mapping.keyManager} does not exchange tokens.` });
  }
  if (
    typeof body.consumerSecret === 'string' &&
    body.consumerSecret !== '' &&
    !sameSecret(secret, body.consumerSecret)
  ) {
    throw new SluiceError(errors.consumerSecretInvalid);
  }
  if (!client.grantTypes.includes('client_credentials')) {
    throw new SluiceError(errors.tokenRequestInvalid, { detail: 'The keys do not have the grant client_credentials.' });
  }
  const validity = readLifetime('validityPeriod', body.validityPeriod);
  if (typeof body.revokeToken === 'string' && body.revokeToken !== '') {
    // A token that is no longer live, or another client's, is none to revoke; the new one is given all the same, as in WSO2.
    await keyManager.revokeAccessToken(body.revokeToken, client.clientId);
  }
  const token = await keyManager.issueToken({
    organization: request.organization,
    client,
    scopes: readNames(body.scopes),
    ...(validity === undefined ? {} : { validitySeconds: validity }),
  });
  return tokenView(token);
}
