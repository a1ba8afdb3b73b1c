import type { Seal } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { AuthenticateClient } from '../clients/authenticate-client.ts';
import type { Prove } from '../identity/prove.ts';
import type { ClientService, GrantType, KeyManagerOptions, TokenLifetimes } from '../key-manager.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { usualClientName } from '../registration/parse.ts';
import { createRegisterEndpoint, createUnregisterEndpoint } from '../registration/register.ts';
import type { GrantScopes } from '../scopes/grant-scopes.ts';
import type { AccessTokens } from '../tokens/access-token.ts';
import type { Grants } from '../tokens/grant.ts';
import type { Jwts } from '../tokens/jwt.ts';
import { createFindClient } from './caller.ts';
import { createDiscoveryEndpoint, createJwksEndpoint } from './discovery.ts';
import { type ApplicationScopes, createClientCredentialsGrant } from './grants/client-credentials.ts';
import { createPasswordGrant } from './grants/password.ts';
import { createRefreshGrant } from './grants/refresh.ts';
import { createUserTokens } from './grants/user-grant.ts';
import { createIntrospectEndpoint } from './introspect.ts';
import { createRevokeEndpoint } from './revoke.ts';
import type { OAuthRoutes } from './route.ts';
import { createTokenEndpoint, type TokenGrant } from './token.ts';
import { createUserinfoEndpoint } from './userinfo.ts';

interface RouteParts {
  readonly options: KeyManagerOptions;
  readonly store: Store;
  readonly lifetimes: TokenLifetimes;
  readonly now: () => number;
  readonly seal: Seal;
  readonly ring: KeyRing;
  readonly jwts: Jwts;
  readonly accessTokens: AccessTokens;
  readonly grants: Grants;
  readonly grantScopes: GrantScopes;
  readonly applicationScopes: ApplicationScopes;
  readonly prove: Prove;
  readonly clients: ClientService;
  readonly authenticateClient: AuthenticateClient;
}

/** Every address of the key manager (wso2-control-plane.md 1.4 and 1.5). */
export function createRoutes(parts: RouteParts): OAuthRoutes {
  const { issuer, publicUrl } = parts.options;
  const all = { ...parts, issuer, findClient: createFindClient(parts.authenticateClient) };
  const grants = createTokenGrants(parts);
  const discovery = createDiscoveryEndpoint({ issuer, publicUrl, grantTypes: Object.keys(grants) });
  const userinfo = createUserinfoEndpoint(parts.accessTokens);
  const errorBody = 'oauth';
  return {
    '/oauth2/token': { methods: { POST: createTokenEndpoint(all.findClient, grants) }, errorBody },
    '/oauth2/revoke': { methods: { POST: createRevokeEndpoint(all) }, errorBody },
    '/oauth2/introspect': { methods: { POST: createIntrospectEndpoint(all) }, errorBody },
    '/oauth2/userinfo': { methods: { GET: userinfo, POST: userinfo }, errorBody },
    '/oauth2/jwks': { methods: { GET: createJwksEndpoint(parts.ring) }, errorBody },
    '/oauth2/token/.well-known/openid-configuration': { methods: { GET: discovery }, errorBody },
    '/.well-known/openid-configuration': { methods: { GET: discovery }, errorBody },
    '/client-registration/v0.17/register': {
      methods: {
        POST: createRegisterEndpoint(parts, parts.options.clientNamePattern ?? usualClientName),
        DELETE: createUnregisterEndpoint(parts),
      },
      errorBody: 'rest',
    },
  };
}

const everyGrant: readonly GrantType[] = ['client_credentials', 'password', 'refresh_token'];

/** The names of the grants that are on. */
export function grantTypesOf(options: Pick<KeyManagerOptions, 'grantTypes'>): readonly GrantType[] {
  return options.grantTypes ?? everyGrant;
}

/** The grants that are on, by `grant_type`; discovery lists the same. */
function createTokenGrants(parts: RouteParts): Readonly<Record<string, TokenGrant>> {
  const { options, lifetimes } = parts;
  const userTokens = createUserTokens({ ...parts, issuer: options.issuer });
  const all: Record<GrantType, TokenGrant> = {
    client_credentials: createClientCredentialsGrant({ ...parts, lifetime: lifetimes.applicationToken }),
    password: createPasswordGrant({ ...parts, userTokens }),
    refresh_token: createRefreshGrant({ ...parts, userTokens, grace: options.refreshGrace ?? 5_000 }),
  };
  const on: readonly string[] = grantTypesOf(options);
  return Object.fromEntries(Object.entries(all).filter(([name]) => on.includes(name)));
}
