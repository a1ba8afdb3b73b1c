import type { GatewayEnvironment } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { EnvironmentRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { touched } from './outcome.ts';

const columns = (environment: GatewayEnvironment) => ({
  id: environment.id,
  name: environment.name,
  document: encodeDocument(environment),
});

export function environmentRepository(session: TenantSession): EnvironmentRepository {
  return {
    create: async (environment) => {
      session.assertOwned(environment);
      await session.write((tables) => tables.insert('environment', columns(environment)).execute());
    },

    find: async (name) => {
      const row = await session.read((tables) =>
        tables.select('environment').select('document').where('name', '=', name).executeTakeFirst(),
      );
      return row && decodeDocument(row.document);
    },

    list: async () =>
      (await session.read((tables) => tables.select('environment').select('document').orderBy('name').execute())).map(
        (row) => decodeDocument<GatewayEnvironment>(row.document),
      ),

    // By name, which never changes.
    update: async (environment) => {
      session.assertOwned(environment);
      const { name, ...changed } = columns(environment);
      return touched(
        await session.write((tables) => tables.update('environment', changed).where('name', '=', name).execute()),
      );
    },

    remove: async (name) =>
      touched(await session.write((tables) => tables.delete('environment').where('name', '=', name).execute())),
  };
}
