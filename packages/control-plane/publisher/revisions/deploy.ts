import {
  type Api,
  type Deployment,
  errors,
  type GatewayEnvironment,
  type Json,
  type Revision,
  SluiceError,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import { apiEntry } from '../../feed/api-entry.ts';
import { unlimitedPlan } from '../../plans/offered.ts';
import { undeploy } from './undeploy.ts';

/** One place of WSO2's list of places, as a validated body holds it. */
interface PlaceBody {
  name?: string;
  vhost?: string;
  displayOnDevportal?: boolean;
}

/** Deploys a revision where the body says, in place of what the API has there. Call it in a transaction. */
export async function deployRevision(
  organization: OrganizationStore,
  api: Api,
  revision: Revision,
  body: Json | undefined,
  time: number,
): Promise<void> {
  if (api.status === 'RETIRED') throw new SluiceError(errors.retiredNotDeployable);
  await requirePlans(organization, revision.api);
  for (const place of readPlaces(body)) {
    const environment = await findEnvironment(organization, place.name ?? '');
    const deployment: Deployment = {
      apiId: api.id,
      revisionId: revision.id,
      environment: environment.name,
      vhost: chooseHost(environment, place.vhost),
      displayOnDevportal: place.displayOnDevportal ?? true,
      deployedTime: time,
    };
    await organization.deployments.put(deployment);
    const { kind, id, value } = apiEntry(api, revision, deployment, environment);
    await organization.feed.append({ environment: environment.name, kind, id, value });
  }
}

/** Takes a revision out of the places that the body names, or out of all. Call it in a transaction. */
export async function undeployRevision(
  organization: OrganizationStore,
  revision: Revision,
  body: Json | undefined,
  everywhere: boolean,
): Promise<void> {
  const deployments = await organization.deployments.list(revision.apiId);
  const deployed = new Set(
    deployments.filter(({ revisionId }) => revisionId === revision.id).map(({ environment }) => environment),
  );
  const names = everywhere ? [...deployed] : readPlaces(body).map((place) => place.name ?? '');
  for (const name of names) {
    if (!everywhere) await findEnvironment(organization, name);
    if (!deployed.has(name)) throw new SluiceError(errors.deploymentNotFound, { environment: name });
    await undeploy(organization, revision.apiId, name);
  }
}

/** A revision may be older than the removal of a plan that it names: nothing would limit its calls. Throws `tierInvalid` (400). */
async function requirePlans(organization: OrganizationStore, frozen: Api): Promise<void> {
  const named = new Set(frozen.operations.map(({ throttlingPolicy }) => throttlingPolicy));
  if (frozen.apiThrottlingPolicy) named.add(frozen.apiThrottlingPolicy);
  named.delete(unlimitedPlan);
  for (const name of named) {
    if (!(await organization.plans.find('advanced', name))) throw new SluiceError(errors.tierInvalid, { name });
  }
}

function readPlaces(body: Json | undefined): PlaceBody[] {
  const places = (body ?? []) as PlaceBody[];
  if (places.length === 0)
    throw new SluiceError(errors.invalidRequest, { detail: 'The body names no gateway environment.' });
  return places;
}

async function findEnvironment(organization: OrganizationStore, name: string): Promise<GatewayEnvironment> {
  const environment = await organization.environments.find(name);
  if (!environment) throw new SluiceError(errors.environmentUnknown, { name: JSON.stringify(name) });
  return environment;
}

function chooseHost(environment: GatewayEnvironment, asked: string | undefined): string {
  const hosts = environment.vhosts.map(({ host }) => host);
  const host = asked === undefined || asked === '' ? hosts[0] : hosts.find((each) => each === asked.toLowerCase());
  if (host === undefined)
    throw new SluiceError(errors.vhostUnknown, { vhost: String(asked), environment: environment.name });
  return host;
}
