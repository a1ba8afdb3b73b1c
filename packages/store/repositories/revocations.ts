import { sql } from 'kysely';
import type { Session } from '../session.ts';
import type { RevocationRepository } from '../store.ts';
import { touchedRows } from './outcome.ts';

export function revocationRepository(session: Session): RevocationRepository {
  return {
    // Told twice with different expiries, the later one holds: a revocation must outlive its token.
    add: async ({ tokenId, expiresAt }) => {
      await session.write((database) =>
        database
          .insertInto('revocation')
          .values({ token_id: tokenId, expires_at: expiresAt })
          .onConflict((it) =>
            it.column('token_id').doUpdateSet((set) => ({
              expires_at: sql<number>`case when ${set.ref('excluded.expires_at')} > ${set.ref('revocation.expires_at')}
                then ${set.ref('excluded.expires_at')} else ${set.ref('revocation.expires_at')} end`,
            })),
          )
          .execute(),
      );
    },

    has: async (tokenId) =>
      (await session.read((database) =>
        database.selectFrom('revocation').select('token_id').where('token_id', '=', tokenId).executeTakeFirst(),
      )) !== undefined,

    list: async (now) =>
      (
        await session.read((database) =>
          database.selectFrom('revocation').selectAll().where('expires_at', '>', now).orderBy('expires_at').execute(),
        )
      ).map((row) => ({ tokenId: row.token_id, expiresAt: row.expires_at })),

    removeExpired: async (now) =>
      touchedRows(
        await session.write((database) => database.deleteFrom('revocation').where('expires_at', '<=', now).execute()),
      ),
  };
}
