import { type Application, errors, type KeyMapping, SluiceError } from '@sluice/model';
import { applicationEntry, keyEntry, subscriptionEntry, withdraw } from '../../feed/announce.ts';
import type { DevportalDependencies } from '../settings.ts';

/** What a removal works with. */
export type RemovalDependencies = Pick<DevportalDependencies, 'store' | 'keyManager' | 'log'>;

/** Rows that one application may have; more would be a list without end. */
const all = { offset: 0, limit: 100_000 };

/**
 * Removes an application with its keys and subscriptions, and tells the gateways, in one transaction; then the OAuth clients that were made for it.
 * A client that outlives a crash between the two opens nothing, since gateways know no keys for it.
 */
export async function removeApplication(deps: RemovalDependencies, application: Application): Promise<void> {
  const mappings = await deps.store.transaction(async (tx) => {
    const organization = tx.organization(application.organization);
    const keys = await organization.keyMappings.list(application.id);
    const subscriptions = await organization.subscriptions.list({ applicationId: application.id }, all);
    const removed = await organization.applications.remove(application.id);
    if (!removed) throw new SluiceError(errors.applicationNotFound, { id: application.id });
    for (const subscription of subscriptions.items) await withdraw(organization.feed, subscriptionEntry(subscription));
    for (const mapping of keys) await withdraw(organization.feed, keyEntry(mapping));
    await withdraw(organization.feed, applicationEntry(application));
    return keys;
  });
  await removeClients(deps, application.organization, mappings);
}

/** Removes the OAuth clients that were made for keys; mapped ones belong to somebody else. */
export async function removeClients(
  { keyManager, log }: Pick<RemovalDependencies, 'keyManager' | 'log'>,
  organization: string,
  mappings: readonly KeyMapping[],
): Promise<void> {
  for (const mapping of mappings) {
    if (mapping.mode === 'MAPPED') continue;
    try {
      await keyManager.clients.remove(organization, mapping.consumerKey);
    } catch (error) {
      log.warn('an OAuth client was left behind', { consumerKey: mapping.consumerKey, error: String(error) });
    }
  }
}
