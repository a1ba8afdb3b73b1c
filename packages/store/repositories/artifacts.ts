import { decodeDocument, encodeDocument } from '../codec.ts';
import type { Tables } from '../schema.ts';
import type { Session } from '../session.ts';
import type { Artifact, ArtifactRepository } from '../store.ts';
import { touched, touchedRows } from './outcome.ts';

type Row = Tables['artifact'];

const encode = (artifact: Artifact): Row => ({
  model: artifact.model,
  id: artifact.id,
  grant_id: artifact.grantId,
  user_code: artifact.userCode,
  uid: artifact.uid,
  consumed_time: artifact.consumedTime,
  expires_at: artifact.expiresAt,
  document: encodeDocument(artifact.payload),
});

const decode = (row: Row): Artifact => ({
  model: row.model,
  id: row.id,
  payload: decodeDocument(row.document),
  grantId: row.grant_id,
  userCode: row.user_code,
  uid: row.uid,
  consumedTime: row.consumed_time,
  expiresAt: row.expires_at,
});

export function artifactRepository(session: Session): ArtifactRepository {
  const live = async (
    model: string,
    column: 'id' | 'uid' | 'user_code',
    value: string,
  ): Promise<Artifact | undefined> => {
    const row = await session.read((database) =>
      database
        .selectFrom('artifact')
        .selectAll()
        .where('model', '=', model)
        .where(column, '=', value)
        .where((it) => it.or([it('expires_at', 'is', null), it('expires_at', '>', Date.now())]))
        .executeTakeFirst(),
    );
    return row && decode(row);
  };

  return {
    // What was consumed stays so, even when an older copy is put again.
    put: async (artifact) => {
      const row = encode(artifact);
      await session.write((database) =>
        database
          .insertInto('artifact')
          .values(row)
          .onConflict((it) =>
            it.columns(['model', 'id']).doUpdateSet((set) => ({
              ...row,
              consumed_time: set.fn.coalesce('artifact.consumed_time', 'excluded.consumed_time'),
            })),
          )
          .execute(),
      );
    },

    get: (model, id) => live(model, 'id', id),
    findByUid: (model, uid) => live(model, 'uid', uid),
    findByUserCode: (model, userCode) => live(model, 'user_code', userCode),

    // One statement decides: of two that race, the second finds the time set.
    consume: async (model, id, time) =>
      touched(
        await session.write((database) =>
          database
            .updateTable('artifact')
            .set({ consumed_time: time })
            .where('model', '=', model)
            .where('id', '=', id)
            .where('consumed_time', 'is', null)
            .where((it) => it.or([it('expires_at', 'is', null), it('expires_at', '>', time)]))
            .execute(),
        ),
      ),

    remove: async (model, id) => {
      await session.write((database) =>
        database.deleteFrom('artifact').where('model', '=', model).where('id', '=', id).execute(),
      );
    },

    removeByGrant: async (grantId) => {
      await session.write((database) => database.deleteFrom('artifact').where('grant_id', '=', grantId).execute());
    },

    removeExpired: async (now) =>
      touchedRows(
        await session.write((database) => database.deleteFrom('artifact').where('expires_at', '<=', now).execute()),
      ),
  };
}
