import { encodeDocument } from '../codec.ts';
import type { Session } from '../session.ts';
import type { FeedWriter } from '../store.ts';

export function feedWriter(session: Session, organization: string): FeedWriter {
  return {
    // The head's row stays locked until the transaction ends: whoever comes next gets the next number and commits later.
    append: ({ environment, kind, id, value }) =>
      session.atomic(async (within) => {
        const { sequence } = await within.write((database) =>
          database
            .updateTable('feed_head')
            .set((it) => ({ sequence: it('sequence', '+', 1) }))
            .where('id', '=', 1)
            .returning('sequence')
            .executeTakeFirstOrThrow(),
        );
        const document = value === null ? null : encodeDocument(value);
        await within.write((database) =>
          database
            .insertInto('event')
            .values({ sequence, organization, environment, kind, entity_id: id, document })
            .execute(),
        );
        within.announce();
        return sequence;
      }),
  };
}
