import type { JsonObject } from '@sluice/model';
import type { KeyRing } from '../keys/key-ring.ts';
import { roleScopes } from '../scopes/role-scopes.ts';
import type { OAuthEndpoint } from './exchange.ts';

/** Discovery (OpenID Connect Discovery 1.0, RFC 8414). `publicUrl` is scheme, host and port. */
export function createDiscoveryEndpoint(parts: {
  issuer: string;
  publicUrl: string;
  grantTypes: readonly string[];
}): OAuthEndpoint {
  const { issuer, publicUrl } = parts;
  const at = (path: string) => new URL(path, publicUrl).href;
  const clientMethods = ['client_secret_basic', 'client_secret_post'];
  const document: JsonObject = {
    issuer,
    token_endpoint: at('/oauth2/token'),
    jwks_uri: at('/oauth2/jwks'),
    revocation_endpoint: at('/oauth2/revoke'),
    introspection_endpoint: at('/oauth2/introspect'),
    userinfo_endpoint: at('/oauth2/userinfo'),
    registration_endpoint: at('/client-registration/v0.17/register'),
    grant_types_supported: [...parts.grantTypes],
    response_types_supported: [],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: clientMethods,
    revocation_endpoint_auth_methods_supported: clientMethods,
    introspection_endpoint_auth_methods_supported: clientMethods,
    claims_supported: ['iss', 'sub', 'aud', 'azp', 'client_id', 'scope', 'aut', 'nbf', 'iat', 'exp', 'jti'],
    scopes_supported: ['openid', ...Object.keys(roleScopes)],
  };
  return async () => ({ status: 200, body: document });
}

/** `/oauth2/jwks` (RFC 7517): every key whose tokens may still live. */
export const createJwksEndpoint =
  (ring: KeyRing): OAuthEndpoint =>
  async () => ({ status: 200, body: { keys: await ring.published() } });
