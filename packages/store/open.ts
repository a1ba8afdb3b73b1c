import { type Log, silentLog } from '@sluice/model';
import { sql } from 'kysely';
import type { Engine } from './engine.ts';
import { defaultLockWaitMillis, type StoreOptions } from './options.ts';
import { listOrganizations } from './repositories/organizations.ts';
import { scope } from './scope.ts';
import { RootSession } from './session.ts';
import type { Store } from './store.ts';
import { Watchers } from './watchers.ts';

/**
 * Opens the database, upgrades it to this program's version, and gives the store. Rejects with `StoreUnavailableError` when it
 * cannot be reached or written, and with `NewerDatabaseError` when a newer program wrote it.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const log = options.log ?? silentLog;
  return storeOver(await openEngine(options, log), log);
}

/** The drivers are loaded when they are used: `pg` alone would cost every start some tens of milliseconds. */
async function openEngine(options: StoreOptions, log: Log): Promise<Engine> {
  const lockWaitMillis = options.lockWaitMillis ?? defaultLockWaitMillis;
  if (options.engine === 'sqlite') {
    const { openSqlite } = await import('./sqlite/engine.ts');
    return openSqlite(options, lockWaitMillis);
  }
  const { openPostgresql } = await import('./postgresql/engine.ts');
  return openPostgresql(options, lockWaitMillis, log);
}

function storeOver(engine: Engine, log: Log): Store {
  const watchers = new Watchers((wake) => engine.watch(wake), log);
  const session = new RootSession(engine, () => watchers.wake());
  let closing: Promise<void> | undefined;
  return {
    engine: engine.name,
    ...scope(session, watchers.add),
    transaction: (work) => session.atomic((within) => work(scope(within, watchers.add))),
    organizations: () => listOrganizations(session),
    ping: async () => {
      await session.read((database) => sql`select 1`.execute(database));
    },
    close: () => {
      session.close();
      watchers.stop();
      closing ??= engine.close();
      return closing;
    },
  };
}
