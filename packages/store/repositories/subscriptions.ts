import type { Subscription } from '@sluice/model';
import { decodeDocument, encodeDocument, fold } from '../codec.ts';
import type { SubscriptionRepository } from '../store.ts';
import type { TenantSession, TenantTables } from '../tenant.ts';
import { touched } from './outcome.ts';

const columns = (subscription: Subscription) => ({
  id: subscription.id,
  api_id: subscription.apiId,
  application_id: subscription.applicationId,
  subscriber_key: fold(subscription.subscriber),
  created_time: subscription.createdTime,
  document: encodeDocument(subscription),
});

const decode = (row: { document: string }): Subscription => decodeDocument(row.document);

export function subscriptionRepository(session: TenantSession): SubscriptionRepository {
  const documents = (tables: TenantTables) => tables.select('subscription').select('document');

  return {
    create: async (subscription) => {
      session.assertOwned(subscription);
      await session.write((tables) => tables.insert('subscription', columns(subscription)).execute());
    },

    get: async (id) => {
      const row = await session.read((tables) => documents(tables).where('id', '=', id).executeTakeFirst());
      return row && decode(row);
    },

    find: async (applicationId, apiId) => {
      const row = await session.read((tables) =>
        documents(tables).where('application_id', '=', applicationId).where('api_id', '=', apiId).executeTakeFirst(),
      );
      return row && decode(row);
    },

    list: async ({ apiId, applicationId, subscriber }, page) => {
      const matching = (tables: TenantTables) =>
        tables
          .select('subscription')
          .where((it) =>
            it.and([
              ...(apiId === undefined ? [] : [it('api_id', '=', apiId)]),
              ...(applicationId === undefined ? [] : [it('application_id', '=', applicationId)]),
              ...(subscriber === undefined ? [] : [it('subscriber_key', '=', fold(subscriber))]),
            ]),
          );
      const { total } = await session.read((tables) =>
        matching(tables)
          .select((it) => it.fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow(),
      );
      if (page.limit === 0 || page.offset >= total) return { items: [], total };
      const rows = await session.read((tables) =>
        matching(tables)
          .select('document')
          .orderBy('created_time')
          .orderBy('id')
          .limit(page.limit)
          .offset(page.offset)
          .execute(),
      );
      return { items: rows.map(decode), total };
    },

    update: async (subscription) => {
      session.assertOwned(subscription);
      const { id, ...changed } = columns(subscription);
      return touched(
        await session.write((tables) => tables.update('subscription', changed).where('id', '=', id).execute()),
      );
    },

    remove: async (id) =>
      touched(await session.write((tables) => tables.delete('subscription').where('id', '=', id).execute())),
  };
}
