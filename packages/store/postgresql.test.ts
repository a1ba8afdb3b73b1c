import { after, before } from 'node:test';
import pg from 'pg';
import { storeContract } from './contract/contract.ts';
import type { Table } from './contract/database.ts';
import { openStore, type PostgresqlConnection, type Store } from './index.ts';
import { type PostgresqlServer, startPostgresql } from './testing/postgresql.ts';

let server: PostgresqlServer;

before(async () => {
  server = await startPostgresql();
});

after(() => server.stop());

storeContract('postgresql', async () => {
  const connection = await server.createDatabase();
  const stores: Store[] = [];
  const another = async (options: { lockWaitMillis?: number } = {}): Promise<Store> => {
    const store = await openStore({ engine: 'postgresql', connection, pool: { maxActive: 8 }, ...options });
    stores.push(store);
    return store;
  };
  return {
    store: await another(),
    another,
    lock: async () => {
      const holder = await connect(connection);
      await holder.query('begin; select id from feed_head for update');
      return () => holder.end();
    },
    blank: async () => {
      const own = await server.createDatabase();
      return {
        open: (options = {}) => openStore({ engine: 'postgresql', connection: own, ...options }),
        execute: async (sql) => {
          const client = await connect(own);
          await client.query(sql);
          await client.end();
        },
      };
    },
    tables: async () => {
      const reader = await connect(connection);
      const { rows } = await reader.query<Table>(tablesSql);
      await reader.end();
      return rows;
    },
    remove: async () => {
      for (const store of stores) await store.close();
    },
  };
});

async function connect({ host, port, database, user }: PostgresqlConnection): Promise<pg.Client> {
  const client = new pg.Client({ host, port, database, user });
  await client.connect();
  return client;
}

/** The columns of a unique index in their order; `text` keeps the driver from leaving arrays of `name` unread. */
const tablesSql = `
  select t.relname as name,
    array(select a.attname::text from pg_attribute a where a.attrelid = t.oid and a.attnum > 0) as columns,
    coalesce((select json_agg(array(
      select a.attname::text from unnest(i.indkey::int[]) with ordinality k(number, place)
      join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number order by k.place
    )) from pg_index i where i.indrelid = t.oid and i.indisunique), '[]') as keys
  from pg_class t join pg_namespace n on n.oid = t.relnamespace
  where t.relkind = 'r' and n.nspname = 'public'`;
