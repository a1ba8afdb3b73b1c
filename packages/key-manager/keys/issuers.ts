import { type JsonObject, type RuntimeIssuer, superOrganization } from '@sluice/model';
import type { StoreTransaction } from '@sluice/store';

/** Name of the built-in key manager, in WSO2 and here. */
export const residentKeyManager = 'Resident Key Manager';

/** `iss` of test keys: another than that of access tokens, so that neither passes as the other. */
export const internalIssuer = (issuer: string) => `${issuer}#internal-key`;

/** What verifiers need to know of this key manager. */
export function describeIssuers(issuer: string, keys: readonly JsonObject[]): RuntimeIssuer[] {
  const claims = { keys, consumerKeyClaim: 'azp', scopesClaim: 'scope' };
  return [
    { name: residentKeyManager, issuer, ...claims },
    { name: 'internal', issuer: internalIssuer(issuer), ...claims },
  ];
}

const announcedName = 'key-manager.announced';

/** Appends the issuers to the feed, in the caller's transaction, unless the last announcement said the same. */
export async function announceIssuers(tx: StoreTransaction, issuers: readonly RuntimeIssuer[]): Promise<void> {
  const announcement = JSON.stringify(issuers);
  if ((await tx.system.values.get(announcedName)) === announcement) return;
  const feed = tx.organization(superOrganization).feed;
  for (const issuer of issuers)
    await feed.append({ environment: null, kind: 'issuer', id: issuer.name, value: issuer });
  await tx.system.values.set(announcedName, announcement);
}

/** The issuers as the feed last announced them, in the caller's transaction: a snapshot taken there says neither more nor less than the events before it. */
export async function announcedIssuers(tx: Pick<StoreTransaction, 'system'>): Promise<RuntimeIssuer[]> {
  const announcement = await tx.system.values.get(announcedName);
  return typeof announcement === 'string' ? (JSON.parse(announcement) as RuntimeIssuer[]) : [];
}
