import type { FeedEvent } from '@sluice/model';
import { decodeDocument } from '../codec.ts';
import type { Tables } from '../schema.ts';
import type { Session } from '../session.ts';
import type { FeedReader } from '../store.ts';
import { touchedRows } from './outcome.ts';

const decode = ({ sequence, environment, kind, entity_id: id, document }: Omit<Tables['event'], 'organization'>) =>
  ({ sequence, environment, kind, id, value: document === null ? null : decodeDocument(document) }) as FeedEvent;

/** `watch` is the store's own: watchers outlive sessions. */
export function feedReader(session: Session, watch: FeedReader['watch']): FeedReader {
  const place = (column: 'sequence' | 'floor'): Promise<number> =>
    session.read(async (database) => {
      const row = await database.selectFrom('feed_head').select(column).where('id', '=', 1).executeTakeFirstOrThrow();
      return row[column] as number;
    });

  return {
    head: () => place('sequence'),
    floor: () => place('floor'),

    after: async (sequence, environment, limit) => {
      const rows = await session.read((database) =>
        database
          .selectFrom('event')
          .select(['sequence', 'environment', 'kind', 'entity_id', 'document'])
          .where('sequence', '>', sequence)
          .where((it) => it.or([it('environment', 'is', null), it('environment', '=', environment)]))
          .orderBy('sequence')
          .limit(limit)
          .execute(),
      );
      return rows.map(decode);
    },

    // The floor is kept beside the head, since an empty table would not tell it; it never passes the head and never sinks.
    prune: (sequence) =>
      session.atomic(async (within) => {
        const head = await within.read((database) =>
          database.selectFrom('feed_head').select(['sequence', 'floor']).where('id', '=', 1).executeTakeFirstOrThrow(),
        );
        const floor = Math.max(head.floor, Math.min(sequence, head.sequence));
        await within.write((database) =>
          database.updateTable('feed_head').set({ floor }).where('id', '=', 1).execute(),
        );
        return touchedRows(
          await within.write((database) => database.deleteFrom('event').where('sequence', '<=', floor).execute()),
        );
      }),

    watch,
  };
}
