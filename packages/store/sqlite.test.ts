import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { storeContract } from './contract/contract.ts';
import type { Table } from './contract/database.ts';
import { openStore, type Store } from './index.ts';

storeContract('sqlite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-store-'));
  const file = join(folder, 'data', 'sluice.db');
  const stores: Store[] = [];
  let blanks = 0;
  const another = async (options: { lockWaitMillis?: number } = {}): Promise<Store> => {
    const store = await openStore({ engine: 'sqlite', file, ...options });
    stores.push(store);
    return store;
  };
  return {
    store: await another(),
    another,
    lock: async () => {
      const holder = new DatabaseSync(file);
      holder.exec('begin immediate');
      return async () => holder.close();
    },
    blank: async () => {
      const own = join(folder, `blank-${++blanks}.db`);
      return {
        open: (options = {}) => openStore({ engine: 'sqlite', file: own, ...options }),
        execute: async (sql) => {
          const database = new DatabaseSync(own);
          database.exec(sql);
          database.close();
        },
      };
    },
    tables: async () => {
      const database = new DatabaseSync(file, { readOnly: true });
      try {
        return readTables(database);
      } finally {
        database.close();
      }
    },
    remove: async () => {
      for (const store of stores) await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

function readTables(database: DatabaseSync): Table[] {
  const names = (sql: string, of: string): string[] =>
    database
      .prepare(sql)
      .all(of)
      .map((row) => String(row.name));
  return names("select name from sqlite_master where type = 'table' and name <> ?", 'sqlite_sequence').map((name) => ({
    name,
    columns: names('select name from pragma_table_info(?)', name),
    keys: names('select name from pragma_index_list(?) where "unique" = 1', name).map((index) =>
      names('select name from pragma_index_info(?) order by seqno', index),
    ),
  }));
}
