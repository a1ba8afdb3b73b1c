import type { JsonObject } from '@sluice/model';
import type { OAuthClient } from '@sluice/store';

/** The answer of a registration. `jsonString` and `jsonAppAttribute` are texts that hold JSON, and the callback is spelled as WSO2 spells it. */
export function describeRegistration({ client, secret }: { client: OAuthClient; secret: string }): JsonObject {
  return {
    clientId: client.clientId,
    clientName: client.name,
    callBackURL: client.callbackUrl,
    clientSecret: secret,
    isSaasApplication: client.properties.saasApp === true,
    appOwner: client.owner,
    jsonString: JSON.stringify({
      grant_types: client.grantTypes.join(' '),
      redirect_uris: client.callbackUrl,
      client_name: client.name,
    }),
    jsonAppAttribute: '{}',
    applicationUUID: client.clientId,
    tokenType: typeof client.properties.tokenType === 'string' ? client.properties.tokenType : client.tokenType,
  };
}
