import type { Deployment } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { DeploymentRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
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

    remove: async (apiId, environment) =>
      touched(
        await session.write((tables) =>
          tables.delete('deployment').where('api_id', '=', apiId).where('environment', '=', environment).execute(),
        ),
      ),
  };
}
