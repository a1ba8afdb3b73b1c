import { decodeDocument, encodeDocument } from '../codec.ts';
import type { Session } from '../session.ts';
import type { SystemStore } from '../store.ts';

export function namedValues(session: Session): SystemStore['values'] {
  return {
    get: async (name) => {
      const row = await session.read((database) =>
        database.selectFrom('named_value').select('document').where('name', '=', name).executeTakeFirst(),
      );
      return row && decodeDocument(row.document);
    },

    set: async (name, value) => {
      const document = encodeDocument(value);
      await session.write((database) =>
        database
          .insertInto('named_value')
          .values({ name, document })
          .onConflict((it) => it.column('name').doUpdateSet({ document }))
          .execute(),
      );
    },
  };
}
