import type { Plan } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { PlanRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';
import { touched } from './outcome.ts';
import { usesOfPlan } from './plan-uses.ts';

const columns = (plan: Plan) => ({ id: plan.id, kind: plan.kind, name: plan.name, document: encodeDocument(plan) });

const decode = (row: { document: string }): Plan => decodeDocument(row.document);

export function planRepository(session: TenantSession): PlanRepository {
  return {
    create: async (plan) => {
      session.assertOwned(plan);
      await session.write((tables) => tables.insert('plan', columns(plan)).execute());
    },

    get: async (id) => {
      const row = await session.read((tables) =>
        tables.select('plan').select('document').where('id', '=', id).executeTakeFirst(),
      );
      return row && decode(row);
    },

    find: async (kind, name) => {
      const row = await session.read((tables) =>
        tables.select('plan').select('document').where('kind', '=', kind).where('name', '=', name).executeTakeFirst(),
      );
      return row && decode(row);
    },

    list: async (kind) =>
      (
        await session.read((tables) =>
          tables.select('plan').select('document').where('kind', '=', kind).orderBy('name').execute(),
        )
      ).map(decode),

    update: async (plan) => {
      session.assertOwned(plan);
      const { id, ...changed } = columns(plan);
      return touched(await session.write((tables) => tables.update('plan', changed).where('id', '=', id).execute()));
    },

    remove: async (id) =>
      touched(await session.write((tables) => tables.delete('plan').where('id', '=', id).execute())),

    uses: (kind, name, most) => usesOfPlan(session, kind, name, most),
  };
}
