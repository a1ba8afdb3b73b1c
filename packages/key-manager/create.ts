import { createSeal, superOrganization } from '@sluice/model';
import { createAuthenticateClient } from './clients/authenticate-client.ts';
import { createClients } from './clients/clients.ts';
import { createAttempts } from './identity/attempts.ts';
import { createPasswordHasher } from './identity/password-hash.ts';
import { createPrincipals } from './identity/principal.ts';
import { createProve } from './identity/prove.ts';
import { createProvenCredentials } from './identity/proven-credentials.ts';
import { ensureSuperAdmin } from './identity/super-admin.ts';
import { createUsers } from './identity/users.ts';
import type { KeyManager, KeyManagerLimits, KeyManagerOptions, TokenLifetimes } from './key-manager.ts';
import { describeIssuers } from './keys/issuers.ts';
import { createKeyRing } from './keys/key-ring.ts';
import { createRetentionMarks } from './keys/retention.ts';
import { ensureSigningKey, rotateSigningKey } from './keys/rotate.ts';
import { createApplicationScopes } from './oauth/grants/client-credentials.ts';
import { createRoutes, grantTypesOf } from './oauth/routes.ts';
import { createServe } from './oauth/serve.ts';
import { createApiScopes } from './scopes/api-scopes.ts';
import { createGrantScopes, scopesOf, usualAllowedScopes } from './scopes/grant-scopes.ts';
import { createAccessTokens } from './tokens/access-token.ts';
import { createGrants } from './tokens/grant.ts';
import { createInternalKeys } from './tokens/internal-key.ts';
import { createJwts } from './tokens/jwt.ts';
import { clientLifetime } from './tokens/lifetime.ts';
import { revokeTokens } from './tokens/revocation.ts';
import { startSweep } from './tokens/sweep.ts';

const usualLifetimes: TokenLifetimes = {
  applicationToken: 3_600,
  userToken: 3_600,
  refreshToken: 86_400,
  internalKey: 3_600,
};

const usualLimits: KeyManagerLimits = {
  bodyBytes: 65_536,
  bodyMilliseconds: 10_000,
  concurrentProofs: 2,
  waitingProofs: 64,
  failuresPerMinute: 20,
};

/**
 * Opens the key manager over a store. Makes the first signing key where there is none (some 100 ms) and announces the issuers on the feed where it
 * does not know them. Rejects with `SealError` when the sealing key is not the one that this store's keys were sealed with.
 */
export async function createKeyManager(options: KeyManagerOptions): Promise<KeyManager> {
  const { store, log, issuer } = options;
  const now = options.now ?? Date.now;
  const lifetimes = { ...usualLifetimes, ...options.lifetimes };
  const limits = { ...usualLimits, ...options.limits };
  const activation = options.keyActivation ?? 5_000;
  const ordinary = [lifetimes.applicationToken, lifetimes.userToken, lifetimes.internalKey];
  const longestLifetime = Math.max(...ordinary.map((seconds) => (seconds < 0 ? Number.POSITIVE_INFINITY : seconds)));

  const seal = createSeal(options.sealingKey, 'key-manager');
  const ring = createKeyRing({ store, seal, now, longestLifetime, maximumAge: activation * 0.8 });
  const keyChange = { store, seal, issuer, longestLifetime, now };
  await ensureSigningKey(keyChange);
  await ring.signer();

  const remember = createRetentionMarks(store.system.values, longestLifetime);
  const jwts = createJwts({ ring, remember, now });
  const accessTokens = createAccessTokens({ jwts, revocations: store.system.revocations, issuer, now });
  const grants = createGrants(store, now);
  const grantScopes = createGrantScopes(createApiScopes(store, now), options.allowedScopes ?? usualAllowedScopes);
  const applicationScopes = createApplicationScopes(store, grantScopes);

  const hasher = createPasswordHasher(limits);
  const attempts = createAttempts(limits.failuresPerMinute, now);
  const prove = createProve({ store, hasher, attempts, proven: createProvenCredentials(now) });
  const users = createUsers({ store, hasher, prove, now });
  const clients = createClients({ store, seal, now });
  const principals = createPrincipals({ store, accessTokens, prove });

  const routes = createRoutes({
    ...{ options, store, lifetimes, now, seal, ring, jwts, accessTokens, grants, grantScopes, applicationScopes },
    ...{ prove, clients, authenticateClient: createAuthenticateClient(store, clients) },
  });
  const stopSweep = startSweep(store, log, now);

  return {
    issuer,
    grantTypes: grantTypesOf(options),
    handle: createServe({ routes, store, log, limits }),
    authenticateBearer: principals.bearer,
    authenticateBasic: principals.basic,
    ensureSuperAdmin: (account) => ensureSuperAdmin({ store, users, seal }, account),
    users,
    clients,
    scopesOf,
    async issueToken({ client, scopes: asked, validitySeconds }) {
      const scopes = await applicationScopes(client, asked);
      const usual = clientLifetime(client, 'application_access_token_expiry_time', lifetimes.applicationToken);
      const lifetime = validitySeconds ?? usual;
      const { token } = await accessTokens.issue({ client, scopes, lifetime });
      return { accessToken: token, scopes, validitySeconds: lifetime };
    },
    issueInternalKey: createInternalKeys({ jwts, issuer, lifetime: lifetimes.internalKey, now }),
    revoke: (token) => store.transaction((tx) => revokeTokens(tx, [token])),
    async revokeAccessToken(token, clientId) {
      const access = await accessTokens.verify(token);
      if (access?.clientId !== clientId) return false;
      await grants.revoke(access.grantId, { tokenId: access.tokenId, expiresAt: access.expiresAt * 1000 });
      return true;
    },
    issuers: async () => describeIssuers(issuer, await ring.published()),
    async rotateKeys() {
      await rotateSigningKey(keyChange, activation);
      ring.refresh();
      log.info('a new signing key was made', { organization: superOrganization });
    },
    close: stopSweep,
  };
}
