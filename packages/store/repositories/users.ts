import type { User } from '@sluice/model';
import { decodeDocument, encodeDocument, fold } from '../codec.ts';
import type { UserRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { touched } from './outcome.ts';

export function userRepository(session: TenantSession): UserRepository {
  return {
    create: async (user) => {
      session.assertOwned(user);
      const row = { name_key: fold(user.name), document: encodeDocument(user) };
      await session.write((tables) => tables.insert('account', row).execute());
    },

    find: async (name) => {
      const row = await session.read((tables) =>
        tables.select('account').select('document').where('name_key', '=', fold(name)).executeTakeFirst(),
      );
      return row && decodeDocument(row.document);
    },

    list: async (page) => {
      const { total } = await session.read((tables) =>
        tables
          .select('account')
          .select((it) => it.fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow(),
      );
      if (page.limit === 0 || page.offset >= total) return { items: [], total };
      const rows = await session.read((tables) =>
        tables.select('account').select('document').orderBy('name_key').limit(page.limit).offset(page.offset).execute(),
      );
      return { items: rows.map((row) => decodeDocument<User>(row.document)), total };
    },

    update: async (user) => {
      session.assertOwned(user);
      const changed = { document: encodeDocument(user) };
      return touched(
        await session.write((tables) =>
          tables.update('account', changed).where('name_key', '=', fold(user.name)).execute(),
        ),
      );
    },

    remove: async (name) =>
      touched(await session.write((tables) => tables.delete('account').where('name_key', '=', fold(name)).execute())),
  };
}
