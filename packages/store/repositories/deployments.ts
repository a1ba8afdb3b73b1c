import type { Deployment, Revision } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { DeploymentRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { decodeApi } from './api-row.ts';
import { touched } from './outcome.ts';

const decode = (row: { document: string }): Deployment => decodeDocument(row.document);

export function deploymentRepository(session: TenantSession): DeploymentRepository {
  return {
    put: async (deployment) => {
      const { apiId, environment, revisionId } = deployment;
      const content = { revision_id: revisionId, document: encodeDocument(deployment) };
      await session.write((tables) =>
        tables
          .insert('deployment', { api_id: apiId, environment, ...content })
          .onConflict((it) => it.columns(['organization', 'api_id', 'environment']).doUpdateSet(content))
          .execute(),
      );
    },

    list: async (apiId) =>
      (
        await session.read((tables) =>
          tables.select('deployment').select('document').where('api_id', '=', apiId).orderBy('environment').execute(),
        )
      ).map(decode),

    all: async (environment) =>
      (
        await session.read((tables) =>
          tables
            .select('deployment')
            .select('document')
            .$if(environment !== undefined, (it) => it.where('environment', '=', environment as string))
            .orderBy('api_id')
            .orderBy('environment')
            .execute(),
        )
      ).map(decode),

    served: async (environment, { offset, limit }) => {
      const rows = await session.read((tables) =>
        tables
          .select('deployment')
          .innerJoin('revision', (join) =>
            join
              .onRef('revision.organization', '=', 'deployment.organization')
              .onRef('revision.id', '=', 'deployment.revision_id'),
          )
          .innerJoin('api', (join) =>
            join.onRef('api.organization', '=', 'deployment.organization').onRef('api.id', '=', 'deployment.api_id'),
          )
          .where('deployment.environment', '=', environment)
          .select([
            'deployment.document as deployment',
            'revision.document as revision',
            'api.document as document',
            'api.has_thumbnail',
          ])
          .orderBy('deployment.api_id')
          .limit(limit)
          .offset(offset)
          .execute(),
      );
      return rows.map((row) => ({
        deployment: decodeDocument<Deployment>(row.deployment),
        frozen: decodeDocument<Pick<Revision, 'api'>>(row.revision).api,
        api: decodeApi(row),
      }));
    },

    remove: async (apiId, environment) =>
      touched(
        await session.write((tables) =>
          tables.delete('deployment').where('api_id', '=', apiId).where('environment', '=', environment).execute(),
        ),
      ),
  };
}
