import type { Api } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { apiEntry } from '../../feed/api-entry.ts';

/** Tells the gateways anew what they serve of an API, after its state or its place as the default version changed. Call it in the transaction of the change. */
export async function announceApi(organization: OrganizationStore, api: Api): Promise<void> {
  for (const deployment of await organization.deployments.list(api.id)) {
    const revision = await organization.revisions.get(api.id, deployment.revisionId);
    const environment = await organization.environments.find(deployment.environment);
    if (!revision || !environment) continue;
    const { kind, id, value } = apiEntry(api, revision, deployment, environment);
    await organization.feed.append({ environment: environment.name, kind, id, value });
  }
}
