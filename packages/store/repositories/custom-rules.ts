import type { CustomRule } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { CustomRuleRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { touched } from './outcome.ts';

const columns = (rule: CustomRule) => ({ id: rule.id, name: rule.name, document: encodeDocument(rule) });

const decode = (row: { document: string }): CustomRule => decodeDocument(row.document);

export function customRuleRepository(session: TenantSession): CustomRuleRepository {
  return {
    create: async (rule) => {
      session.assertOwned(rule);
      await session.write((tables) => tables.insert('custom_rule', columns(rule)).execute());
    },

    get: async (id) => {
      const row = await session.read((tables) =>
        tables.select('custom_rule').select('document').where('id', '=', id).executeTakeFirst(),
      );
      return row && decode(row);
    },

    find: async (name) => {
      const row = await session.read((tables) =>
        tables.select('custom_rule').select('document').where('name', '=', name).executeTakeFirst(),
      );
      return row && decode(row);
    },

    list: async () =>
      (await session.read((tables) => tables.select('custom_rule').select('document').orderBy('name').execute())).map(
        decode,
      ),

    update: async (rule) => {
      session.assertOwned(rule);
      const { id, ...changed } = columns(rule);
      return touched(
        await session.write((tables) => tables.update('custom_rule', changed).where('id', '=', id).execute()),
      );
    },

    remove: async (id) =>
      touched(await session.write((tables) => tables.delete('custom_rule').where('id', '=', id).execute())),
  };
}
