import { superOrganization } from '@sluice/model';
import type { StoreTransaction } from '@sluice/store';

/** A token to refuse. `expiresAt` in epoch milliseconds. */
export interface Revoked {
  readonly tokenId: string;
  readonly expiresAt: number;
}

/** Milliseconds that a revocation outlives its token: gateways may be set to take tokens that long after they expired (`token_clock_skew`). */
const grace = 600_000;

/** Refuses tokens from now on and tells the gateways, in the caller's transaction. */
export async function revokeTokens(tx: StoreTransaction, tokens: readonly Revoked[]): Promise<void> {
  const { feed } = tx.organization(superOrganization);
  for (const { tokenId, expiresAt } of tokens) {
    const revocation = { tokenId, expiresAt: expiresAt + grace };
    await tx.system.revocations.add(revocation);
    await feed.append({ environment: null, kind: 'revocation', id: tokenId, value: revocation });
  }
}
