import type { Deployment, JsonObject, Revision } from '@sluice/model';

/** WSO2's `APIRevision`. `deployments` are those of the whole API. */
export function revisionView(revision: Revision, deployments: readonly Deployment[]): JsonObject {
  return {
    displayName: `Revision ${revision.number}`,
    id: revision.id,
    description: revision.description,
    createdTime: new Date(revision.createdTime).toISOString(),
    apiInfo: { id: revision.apiId },
    deploymentInfo: deployments.filter(({ revisionId }) => revisionId === revision.id).map(deploymentView),
  };
}

/** WSO2's `APIRevisionDeployment`. Gateways take a deployment within a second of it; none waits for an approval. */
export function deploymentView(deployment: Deployment): JsonObject {
  return {
    revisionUuid: deployment.revisionId,
    name: deployment.environment,
    vhost: deployment.vhost,
    displayOnDevportal: deployment.displayOnDevportal,
    status: 'APPROVED',
    deployedTime: new Date(deployment.deployedTime).toISOString(),
    successDeployedTime: new Date(deployment.deployedTime).toISOString(),
  };
}
