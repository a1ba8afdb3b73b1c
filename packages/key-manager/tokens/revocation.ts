import { superOrganization } from '@sluice/model';
import type { StoreTransaction } from '@sluice/store';

/** A token to refuse. `expiresAt` in epoch milliseconds. */
export interface Revoked {
  readonly tokenId: string;
  readonly expiresAt: number;
}

/** Refuses tokens from now on and tells the gateways, in the caller's transaction. */
export async function revokeTokens(tx: StoreTransaction, tokens: readonly Revoked[]): Promise<void> {
  const { feed } = tx.organization(superOrganization);
  for (const { tokenId, expiresAt } of tokens) {
    await tx.system.revocations.add({ tokenId, expiresAt });
    await feed.append({ environment: null, kind: 'revocation', id: tokenId, value: { tokenId, expiresAt } });
  }
}
