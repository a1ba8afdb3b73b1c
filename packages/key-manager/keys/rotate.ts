import type { Seal } from '@sluice/model';
import type { SigningKey, Store, StoreTransaction } from '@sluice/store';
import { announceIssuers, describeIssuers } from './issuers.ts';
import { keepsVerifying } from './retention.ts';
import { makeSigningKey } from './signing-key.ts';

interface KeyChange {
  readonly store: Store;
  readonly seal: Seal;
  readonly issuer: string;
  readonly longestLifetime: number;
  readonly now: () => number;
}

/** Makes the first key where there is none and announces the issuers where the feed does not know them as they are. */
export async function ensureSigningKey(change: KeyChange): Promise<void> {
  const { store, seal, now } = change;
  const first = (await store.system.signingKeys.list()).length === 0 ? await makeSigningKey(seal, now()) : undefined;
  await store.transaction(async (tx) => {
    // Another process that starts at the same moment may have been faster.
    if (first && (await tx.system.signingKeys.list()).length === 0) await tx.system.signingKeys.create(first);
    await announce(tx, change);
  });
}

/**
 * A new key, announced now and signing `activation` milliseconds later; the old ones sign until then and verify as long as their tokens live.
 * Keys of which no token can be alive are removed.
 */
export async function rotateSigningKey(change: KeyChange, activation: number): Promise<void> {
  const next = await makeSigningKey(change.seal, change.now());
  await change.store.transaction(async (tx) => {
    const takeover = change.now() + activation;
    for (const key of await tx.system.signingKeys.list()) {
      if (key.retiredTime === null) await tx.system.signingKeys.update({ ...key, retiredTime: takeover });
      else if (!(await keepsVerifying(tx.system.values, key, change.longestLifetime, change.now())))
        await tx.system.signingKeys.remove(key.kid);
    }
    await tx.system.signingKeys.create(next);
    await announce(tx, change);
  });
}

async function announce(tx: StoreTransaction, change: KeyChange): Promise<void> {
  const live: SigningKey[] = [];
  for (const key of await tx.system.signingKeys.list())
    if (await keepsVerifying(tx.system.values, key, change.longestLifetime, change.now())) live.push(key);
  live.sort((a, b) => b.createdTime - a.createdTime || a.kid.localeCompare(b.kid));
  await announceIssuers(
    tx,
    describeIssuers(
      change.issuer,
      live.map((key) => key.publicKey),
    ),
  );
}
