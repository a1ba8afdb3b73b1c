import { createHash } from 'node:crypto';
import type { DenyPolicy } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { DenyPolicyRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { touched } from './outcome.ts';

const columns = (policy: DenyPolicy) => ({
  id: policy.id,
  condition_hash: createHash('sha256').update(identityOf(policy)).digest('hex'),
  document: encodeDocument(policy),
});

/** The condition with its members in one order, whoever wrote it. */
function identityOf({ condition }: DenyPolicy): string {
  return JSON.stringify(Object.entries(condition).sort(([one], [other]) => (one < other ? -1 : 1)));
}

const decode = (row: { document: string }): DenyPolicy => decodeDocument(row.document);

export function denyPolicyRepository(session: TenantSession): DenyPolicyRepository {
  return {
    create: async (policy) => {
      session.assertOwned(policy);
      await session.write((tables) => tables.insert('deny_policy', columns(policy)).execute());
    },

    get: async (id) => {
      const row = await session.read((tables) =>
        tables.select('deny_policy').select('document').where('id', '=', id).executeTakeFirst(),
      );
      return row && decode(row);
    },

    list: async () =>
      (await session.read((tables) => tables.select('deny_policy').select('document').orderBy('id').execute())).map(
        decode,
      ),

    update: async (policy) => {
      session.assertOwned(policy);
      const { id, ...changed } = columns(policy);
      return touched(
        await session.write((tables) => tables.update('deny_policy', changed).where('id', '=', id).execute()),
      );
    },

    remove: async (id) =>
      touched(await session.write((tables) => tables.delete('deny_policy').where('id', '=', id).execute())),
  };
}
