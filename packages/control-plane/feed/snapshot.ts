import { setImmediate as nextTurn } from 'node:timers/promises';
import { announcedIssuers } from '@sluice/key-manager';
import {
  errors,
  type FeedSnapshot,
  type GatewayEnvironment,
  type PlanKind,
  type RuntimeEntry,
  SluiceError,
} from '@sluice/model';
import type { OrganizationStore, PageRequest, ServedApi, Store, StoreTransaction } from '@sluice/store';
import {
  applicationEntry,
  customRuleEntry,
  denyPolicyEntry,
  keyEntry,
  planEntry,
  sharedEndpointEntry,
  subscriptionEntry,
} from './announce.ts';
import { apiEntry, isMocked } from './api-entry.ts';

/** Rows read between two turns of the event loop, so that a large snapshot holds up nobody's call. */
const stride = 200;

const planKinds: readonly PlanKind[] = ['subscription', 'application', 'advanced'];

/** What is served, with the form that its environment has in the organization, and the definition of mocked APIs. */
type DeployedRows = ServedApi & { readonly environment: GatewayEnvironment; readonly definition: string };

/**
 * Everything that the gateways of an environment serve, and the sequence it belongs to, read in one transaction: no change is in one and not in the other.
 * Throws `environmentNotFound` (404).
 */
export async function takeSnapshot(store: Store, environment: string): Promise<FeedSnapshot> {
  const organizations = await store.organizations();
  const { sequence, entries, deployed } = await store.transaction(async (tx) => {
    const places = await placesOf(tx, organizations, environment);
    const entries: RuntimeEntry[] = [];
    const deployed: DeployedRows[] = [];
    for (const [organization, place] of places) {
      for await (const entry of consumerEntries(organization)) entries.push(entry);
      const served = everyRow((page) => organization.deployments.served(environment, page));
      for await (const rows of served) {
        // Definitions are large, and only mocks need them.
        const { apiId, revisionId } = rows.deployment;
        const mocked = isMocked(rows.frozen) ? await organization.revisions.get(apiId, revisionId) : undefined;
        deployed.push({ ...rows, environment: place, definition: mocked?.definition ?? '' });
      }
    }
    for await (const entry of installationEntries(tx)) entries.push(entry);
    return { sequence: await tx.system.feed.head(), entries, deployed };
  });
  // Translation needs no table, so writers need not wait for it.
  for (const [index, rows] of deployed.entries()) {
    entries.push(
      apiEntry(rows.api, { api: rows.frozen, definition: rows.definition }, rows.deployment, rows.environment),
    );
    if (index % stride === stride - 1) await nextTurn();
  }
  return { format: 1, environment, sequence, entries };
}

/** The organizations that have the environment, each with its form of it. */
async function placesOf(
  tx: StoreTransaction,
  organizations: readonly string[],
  name: string,
): Promise<[OrganizationStore, GatewayEnvironment][]> {
  const places: [OrganizationStore, GatewayEnvironment][] = [];
  for (const organization of organizations.map((each) => tx.organization(each))) {
    const environment = await organization.environments.find(name);
    if (environment) places.push([organization, environment]);
  }
  if (places.length === 0) throw new SluiceError(errors.environmentNotFound, { id: name });
  return places;
}

async function* consumerEntries(organization: OrganizationStore): AsyncIterable<RuntimeEntry> {
  for (const kind of planKinds) for (const plan of await organization.plans.list(kind)) yield planEntry(plan);
  for (const policy of await organization.denyPolicies.list()) yield denyPolicyEntry(policy);
  for (const rule of await organization.customRules.list()) yield customRuleEntry(rule);
  for (const endpoint of await organization.sharedEndpoints.list()) yield sharedEndpointEntry(endpoint);
  const applications = everyRow(async (page) => (await organization.applications.list({}, page)).items);
  for await (const application of applications) yield applicationEntry(application);
  for await (const mapping of everyRow((page) => organization.keyMappings.all(page))) yield keyEntry(mapping);
  const subscriptions = everyRow(async (page) => (await organization.subscriptions.list({}, page)).items);
  for await (const subscription of subscriptions) yield subscriptionEntry(subscription);
}

/** What belongs to no organization: issuers of tokens, and tokens that are refused although they live. */
async function* installationEntries(tx: StoreTransaction): AsyncIterable<RuntimeEntry> {
  for (const issuer of await announcedIssuers(tx)) yield { kind: 'issuer', id: issuer.name, value: issuer };
  for (const revocation of await tx.system.revocations.list(Date.now())) {
    yield { kind: 'revocation', id: revocation.tokenId, value: revocation };
  }
}

async function* everyRow<T>(list: (page: PageRequest) => Promise<readonly T[]>): AsyncIterable<T> {
  for (let offset = 0; ; offset += stride) {
    const rows = await list({ offset, limit: stride });
    yield* rows;
    if (rows.length < stride) return;
    await nextTurn();
  }
}
