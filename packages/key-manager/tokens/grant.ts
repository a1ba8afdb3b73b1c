import { createHash, randomUUID } from 'node:crypto';
import type { Json, JsonObject } from '@sluice/model';
import type { Artifact, Store, StoreTransaction } from '@sluice/store';
import { randomWord } from '../clients/credentials.ts';
import type { AccessToken } from './access-token.ts';
import { type Revoked, revokeTokens } from './revocation.ts';

/** What a refresh token stands for. */
export interface RefreshToken {
  readonly grantId: string;
  readonly clientId: string;
  /** `x@organization`. */
  readonly user: string;
  /** As granted at first; a refresh may ask for fewer. */
  readonly scopes: readonly string[];
  /** A mark of the password that was proven; a changed password ends the grant. */
  readonly credential: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** Epoch milliseconds; null never expires. */
  readonly expiresAt: number | null;
}

/** Users' grants: one per sign-in, holding the chain of refresh tokens and the live access tokens that came of it. */
export interface Grants {
  newId(): string;
  /** Keeps a new grant and gives its refresh token. */
  open(first: RefreshToken, access: AccessToken): Promise<string>;
  /** `consumedTime` is set where the token was rotated already. Undefined when it is unknown, expired or revoked. */
  find(refreshToken: string): Promise<{ refresh: RefreshToken; consumedTime: number | null } | undefined>;
  /** Uses the token up and gives the next; undefined when another request was faster or the grant was revoked meanwhile. */
  rotate(refreshToken: string, next: RefreshToken, access: AccessToken): Promise<string | undefined>;
  /** Ends the refresh tokens of the grant and refuses its access tokens and `also`. */
  revoke(grantId: string | undefined, also?: Revoked): Promise<void>;
}

const refreshModel = 'RefreshToken';
const grantModel = 'Grant';
const mostLiveTokens = 32;

/** The store keeps only a hash of a refresh token. */
const idOf = (refreshToken: string) => createHash('sha256').update(refreshToken).digest('base64url');

export function createGrants(store: Store, now: () => number): Grants {
  async function keep(tx: StoreTransaction, refresh: RefreshToken, access: AccessToken, others: readonly Revoked[]) {
    const token = randomWord(43);
    const { grantId, expiresAt, ...payload } = refresh;
    await tx.system.artifacts.put(
      artifact(refreshModel, idOf(token), grantId, payload as unknown as JsonObject, expiresAt),
    );
    const live = others.filter((other) => other.expiresAt > now());
    const tokens = [...live, { tokenId: access.tokenId, expiresAt: access.expiresAt * 1000 }];
    // A client that refreshes without end keeps its latest tokens alone, so that the row stays small.
    await revokeTokens(tx, tokens.splice(0, Math.max(0, tokens.length - mostLiveTokens)));
    const last = expiresAt === null ? null : Math.max(expiresAt, ...tokens.map((one) => one.expiresAt));
    await tx.system.artifacts.put(artifact(grantModel, grantId, grantId, { tokens: tokens as unknown as Json }, last));
    return token;
  }

  return {
    newId: randomUUID,
    open: (first, access) => store.transaction((tx) => keep(tx, first, access, [])),
    async find(refreshToken) {
      const found = await store.system.artifacts.get(refreshModel, idOf(refreshToken));
      if (!found?.grantId || (found.expiresAt !== null && found.expiresAt <= now())) return undefined;
      const { grantId, expiresAt, payload, consumedTime } = found;
      return { refresh: { ...(payload as unknown as RefreshToken), grantId, expiresAt }, consumedTime };
    },
    async rotate(refreshToken, next, access) {
      try {
        return await store.transaction(async (tx) => {
          const { artifacts } = tx.system;
          const grant = await artifacts.get(grantModel, next.grantId);
          if (!grant) throw new GrantEnded();
          // Written before it is changed: on PostgreSQL this makes a revocation of the grant wait, or go first as a whole.
          await artifacts.put(grant);
          if (!(await artifacts.consume(refreshModel, idOf(refreshToken), now()))) throw new GrantEnded();
          return keep(tx, next, access, tokensOf(grant));
        });
      } catch (error) {
        if (error instanceof GrantEnded) return undefined;
        throw error;
      }
    },
    revoke: (grantId, also) =>
      store.transaction(async (tx) => {
        const { artifacts } = tx.system;
        // Taken first, so that a rotation which runs has ended and its access token is in the list.
        if (grantId !== undefined) await artifacts.consume(grantModel, grantId, now());
        const grant = grantId === undefined ? undefined : await artifacts.get(grantModel, grantId);
        const live = tokensOf(grant).filter((token) => token.expiresAt > now() && token.tokenId !== also?.tokenId);
        await revokeTokens(tx, also ? [...live, also] : live);
        if (grantId !== undefined) await artifacts.removeByGrant(grantId);
      }),
  };
}

/** Rolls a rotation back. */
class GrantEnded extends Error {}

const tokensOf = (grant: Artifact | undefined) => (grant?.payload.tokens ?? []) as unknown as readonly Revoked[];

const artifact = (
  model: string,
  id: string,
  grantId: string,
  payload: JsonObject,
  expiresAt: number | null,
): Artifact => ({ model, id, grantId, payload, expiresAt, userCode: null, uid: null, consumedTime: null });
