import type { EndpointSecrets, Revision } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import { MissingReferenceError } from '../errors.ts';
import type { Tables } from '../schema.ts';
import { sealed } from '../seal-endpoints.ts';
import type { RevisionRepository } from '../store.ts';
import type { TenantSession, TenantTables } from '../tenant.ts';
import { removeUnlessUsed, touched } from './outcome.ts';

/** The definition has a column of its own: it is large, and JSON within JSON would be larger. */
const decode = (row: Pick<Tables['revision'], 'document' | 'definition'>): Revision => ({
  ...decodeDocument<Omit<Revision, 'definition'>>(row.document),
  definition: row.definition,
});

export function revisionRepository(session: TenantSession, secrets: EndpointSecrets | undefined): RevisionRepository {
  const ofApi = (tables: TenantTables, apiId: string) =>
    tables.select('revision').select(['document', 'definition']).where('api_id', '=', apiId);

  return {
    // The counter stands in the API's row, so that a number is not given again after its revision was removed.
    create: ({ definition, ...revision }) =>
      session.atomic(async (within) => {
        within.assertOwned(revision.api);
        const counted = await within.write((tables) =>
          tables
            .update('api', {})
            .set((it) => ({ last_revision: it('last_revision', '+', 1) }))
            .where('id', '=', revision.apiId)
            .returning('last_revision')
            .executeTakeFirst(),
        );
        if (counted === undefined) throw new MissingReferenceError();
        const numbered = { ...revision, api: sealed(revision.api, secrets), number: counted.last_revision };
        const { id, apiId, number } = numbered;
        const row = { id, api_id: apiId, number, document: encodeDocument(numbered), definition };
        await within.write((tables) => tables.insert('revision', row).execute());
        return { ...numbered, definition };
      }),

    get: async (apiId, revisionId) => {
      const row = await session.read((tables) => ofApi(tables, apiId).where('id', '=', revisionId).executeTakeFirst());
      return row && decode(row);
    },

    byNumber: async (apiId, number) => {
      const row = await session.read((tables) => ofApi(tables, apiId).where('number', '=', number).executeTakeFirst());
      return row && decode(row);
    },

    list: async (apiId) =>
      (await session.read((tables) => ofApi(tables, apiId).orderBy('number').execute())).map(decode),

    remove: (apiId, revisionId) =>
      removeUnlessUsed('revision-deployed', async () =>
        touched(
          await session.write((tables) =>
            tables.delete('revision').where('api_id', '=', apiId).where('id', '=', revisionId).execute(),
          ),
        ),
      ),
  };
}
