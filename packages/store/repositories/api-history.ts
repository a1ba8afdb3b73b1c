import type { LifecycleEvent } from '@sluice/model';
import { decodeDocument, encodeDocument } from '../codec.ts';
import type { ApiRepository } from '../store.ts';
import type { TenantSession } from '../tenant.ts';

export function apiHistory(session: TenantSession): Pick<ApiRepository, 'history' | 'appendHistory'> {
  return {
    history: async (id) => {
      const rows = await session.read((tables) =>
        tables.select('api_history').select('document').where('api_id', '=', id).orderBy('position').execute(),
      );
      return rows.map((row) => decodeDocument<LifecycleEvent>(row.document));
    },

    // The place is counted, not taken from the time: two steps may fall into one millisecond.
    appendHistory: (event) =>
      session.atomic(async (within) => {
        const last = await within.read((tables) =>
          tables
            .select('api_history')
            .select((it) => it.fn.max('position').as('position'))
            .where('api_id', '=', event.apiId)
            .executeTakeFirst(),
        );
        const row = { api_id: event.apiId, position: (last?.position ?? 0) + 1, document: encodeDocument(event) };
        await within.write((tables) => tables.insert('api_history', row).execute());
      }),
  };
}
