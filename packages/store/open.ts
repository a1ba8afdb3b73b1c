import { type EndpointSecrets, type Log, silentLog } from '@sluice/model';
import { sql } from 'kysely';
import type { Engine } from './engine.ts';
import { defaultLockWaitMillis, type StoreOptions } from './options.ts';
import { listOrganizations } from './repositories/organizations.ts';
import { scope } from './scope.ts';
import { adoptEndpointKey } from './seal-endpoints.ts';
import { RootSession } from './session.ts';
import type { Store } from './store.ts';
import { Watchers } from './watchers.ts';

/**
 * Opens the database, upgrades it to this program's version, and gives the store. Rejects with `StoreUnavailableError` when it
 * cannot be reached or written, with `NewerDatabaseError` when a newer program wrote it, and with `EndpointKeyError` where `secrets` has another key.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const log = options.log ?? silentLog;
  const { secrets } = options;
  const { session, store } = storeOver(await openEngine(options, log), log, secrets);
  if (secrets !== undefined) {
    try {
      await adoptEndpointKey(session, secrets);
    } catch (error) {
      await store.close();
      throw error;
    }
  }
  return store;
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

function storeOver(
  engine: Engine,
  log: Log,
  secrets: EndpointSecrets | undefined,
): { session: RootSession; store: Store } {
  const watchers = new Watchers((wake) => engine.watch(wake), log);
  const session = new RootSession(engine, () => watchers.wake());
  let closing: Promise<void> | undefined;
  const store: Store = {
    engine: engine.name,
    ...scope(session, watchers.add, secrets),
    transaction: (work) => session.atomic((within) => work(scope(within, watchers.add, secrets))),
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
  return { session, store };
}
