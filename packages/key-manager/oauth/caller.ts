import { errors, SluiceError } from '@sluice/model';
import type { OAuthClient } from '@sluice/store';
import type { AuthenticateClient, ClientCredentials } from '../clients/authenticate-client.ts';
import { clientCandidates, decodeBasic } from './basic.ts';
import type { OAuthRequest } from './exchange.ts';

/** The client of a request, by Basic or by `client_id` and `client_secret`; undefined when neither proves one. */
export type FindClient = (request: OAuthRequest) => Promise<OAuthClient | undefined>;

export function createFindClient(authenticate: AuthenticateClient): FindClient {
  return async (request) => {
    for (const candidate of offered(request)) {
      const client = await authenticate(candidate, request.organization);
      if (client) return client;
    }
    return undefined;
  };
}

/** Rejects with `oauthInvalidClient` where `find` finds none. */
export async function requireClient(find: FindClient, request: OAuthRequest): Promise<OAuthClient> {
  const client = await find(request);
  if (!client) throw new SluiceError(errors.oauthInvalidClient);
  return client;
}

/** Basic goes before the parameters; a `client_id` beside it must name the same client. */
function offered(request: OAuthRequest): ClientCredentials[] {
  const parameters = request.parameters();
  const clientId = parameters.get('client_id');
  if (request.authorization !== undefined) {
    const basic = decodeBasic(request.authorization);
    const candidates = basic ? clientCandidates(basic) : [];
    return candidates.filter((candidate) => clientId === undefined || clientId === candidate.clientId);
  }
  const clientSecret = parameters.get('client_secret');
  return clientId === undefined || clientSecret === undefined ? [] : [{ clientId, clientSecret }];
}
