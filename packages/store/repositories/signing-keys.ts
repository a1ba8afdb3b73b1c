import { decodeDocument, encodeDocument } from '../codec.ts';
import type { Session } from '../session.ts';
import type { SigningKey, SigningKeyRepository } from '../store.ts';
import { touched } from './outcome.ts';

export function signingKeyRepository(session: Session): SigningKeyRepository {
  return {
    create: async (key) => {
      const row = { kid: key.kid, created_time: key.createdTime, document: encodeDocument(key) };
      await session.write((database) => database.insertInto('signing_key').values(row).execute());
    },

    list: async () =>
      (
        await session.read((database) =>
          database.selectFrom('signing_key').select('document').orderBy('created_time').orderBy('kid').execute(),
        )
      ).map((row) => decodeDocument<SigningKey>(row.document)),

    update: async (key) =>
      touched(
        await session.write((database) =>
          database
            .updateTable('signing_key')
            .set({ created_time: key.createdTime, document: encodeDocument(key) })
            .where('kid', '=', key.kid)
            .execute(),
        ),
      ),

    remove: async (kid) =>
      touched(await session.write((database) => database.deleteFrom('signing_key').where('kid', '=', kid).execute())),
  };
}
