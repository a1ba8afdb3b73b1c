import { randomUUID } from 'node:crypto';
import { errors, type JsonObject, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { apiDocument } from '../apis/document.ts';
import { findApi, parameter } from '../apis/find.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { deployRevision, undeployRevision } from './deploy.ts';
import { findRevision } from './find.ts';
import { restoreRevision } from './restore.ts';
import { deploymentView, revisionView } from './view.ts';

/** Revisions and where they are deployed. */
export function revisionHandlers({ store, settings }: PublisherDependencies): RestHandlers {
  /** Runs `work` on the API of the request, in a transaction. */
  const onApi = <T>(
    request: RestRequest,
    work: (organization: OrganizationStore, api: Awaited<ReturnType<typeof findApi>>) => Promise<T>,
  ): Promise<T> =>
    store.transaction(async (tx) => {
      const organization = tx.organization(request.organization);
      return work(organization, await findApi(organization, request, parameter(request, 'apiId')));
    });

  return {
    getAPIRevisions: async (request) => {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      const wanted = /\bdeployed:\s*(true|false)/i.exec(parameter(request, 'query'))?.[1]?.toLowerCase();
      const list = (await revisionViews(organization, api.id)).filter(
        (view) => wanted === undefined || String((view.deploymentInfo as unknown[]).length > 0) === wanted,
      );
      return { status: 200, body: { count: list.length, list } };
    },

    createAPIRevision: async (request) => {
      const body = (request.body ?? {}) as { description?: string };
      const revision = await onApi(request, async (organization, api) => {
        const limit = settings.maxRevisions;
        if ((await organization.revisions.list(api.id)).length >= limit) {
          throw new SluiceError(errors.revisionLimitReached, { limit });
        }
        return organization.revisions.create({
          id: randomUUID(),
          apiId: api.id,
          description: body.description ?? '',
          createdTime: Date.now(),
          createdBy: request.principal.user,
          api,
          definition: (await organization.apis.definition(api.id)) ?? '',
        });
      });
      const location = `${request.baseUrl}/api/am/publisher/v4/apis/${revision.apiId}/revisions/${revision.id}`;
      return { status: 201, headers: { location }, body: revisionView(revision, []) };
    },

    getAPIRevision: async (request) => {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      const revision = await findRevision(organization, request, api);
      return { status: 200, body: revisionView(revision, await organization.deployments.list(api.id)) };
    },

    deleteAPIRevision: async (request) => {
      const list = await onApi(request, async (organization, api) => {
        const revision = await findRevision(organization, request, api);
        const deployments = await organization.deployments.list(api.id);
        if (deployments.some(({ revisionId }) => revisionId === revision.id)) {
          throw new SluiceError(errors.revisionDeployed, { id: revision.id });
        }
        await organization.revisions.remove(api.id, revision.id);
        return revisionViews(organization, api.id);
      });
      return { status: 200, body: { count: list.length, list } };
    },

    restoreAPIRevision: async (request) => {
      const api = await onApi(request, async (organization, present) => {
        const revision = await findRevision(organization, request, present);
        return restoreRevision(organization, present, revision, { user: request.principal.user, time: Date.now() });
      });
      return { status: 201, body: apiDocument(api) };
    },

    deployAPIRevision: async (request) => {
      const list = await onApi(request, async (organization, api) => {
        const revision = await findRevision(organization, request, api);
        await deployRevision(organization, api, revision, request.body, Date.now());
        return deploymentsOf(organization, api.id, revision.id);
      });
      return { status: 201, body: list };
    },

    undeployAPIRevision: async (request) => {
      const list = await onApi(request, async (organization, api) => {
        const revision = await findRevision(organization, request, api);
        await undeployRevision(organization, revision, request.body, request.query.allEnvironments === true);
        return deploymentsOf(organization, api.id, revision.id);
      });
      return { status: 201, body: list };
    },

    getAPIRevisionDeployments: async (request) => {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      return { status: 200, body: { list: (await organization.deployments.list(api.id)).map(deploymentView) } };
    },

    updateAPIDeployment: async (request) => {
      const id = parameter(request, 'deploymentId');
      const name = Buffer.from(id, 'base64url').toString('utf8');
      const deployment = await onApi(request, async (organization, api) => {
        if (!(await organization.environments.find(name))) throw new SluiceError(errors.deploymentIdInvalid, { id });
        const present = (await organization.deployments.list(api.id)).find(({ environment }) => environment === name);
        if (!present) throw new SluiceError(errors.deploymentNotFound, { environment: name });
        const { displayOnDevportal = true } = (request.body ?? {}) as { displayOnDevportal?: boolean };
        const changed = { ...present, displayOnDevportal };
        await organization.deployments.put(changed);
        return changed;
      });
      return { status: 200, body: deploymentView(deployment) };
    },
  };
}

async function revisionViews(organization: OrganizationStore, apiId: string): Promise<JsonObject[]> {
  const deployments = await organization.deployments.list(apiId);
  return (await organization.revisions.list(apiId)).map((revision) => revisionView(revision, deployments));
}

async function deploymentsOf(organization: OrganizationStore, apiId: string, revision: string): Promise<JsonObject[]> {
  const deployments = await organization.deployments.list(apiId);
  return deployments.filter(({ revisionId }) => revisionId === revision).map(deploymentView);
}
