import { randomUUID } from 'node:crypto';
import type { Log } from '@sluice/model';
import { Kysely, sql } from 'kysely';
import type { Client } from 'pg';
import type { Database, Engine } from '../engine.ts';
import { migrate } from '../migrations/migrate.ts';
import { Mutex } from '../mutex.ts';
import { defaultPool, type PoolOptions, type PostgresqlOptions } from '../options.ts';
import type { Tables } from '../schema.ts';
import { clientConfig, serverName, wantsTls } from './client-config.ts';
import { PooledPostgresDialect } from './dialect.ts';
import { translatePostgresqlError } from './errors.ts';
import { channel, listen } from './listener.ts';
import { Pool } from './pool.ts';

/** A transaction that stands still longer is ended by the server, since all others wait for it. Milliseconds. */
const idleTransactionMillis = 60_000;

/** An answer that takes longer will not come: the network lost the connection without telling. Milliseconds. */
const answerMillis = 90_000;

/** Idle connections are closed after this time. Milliseconds. */
const keepIdleMillis = 60_000;

class PostgresqlEngine implements Engine {
  readonly name = 'postgresql';
  readonly #database: Database;
  readonly #turn = new Mutex();
  readonly #lockWaitMillis: number;
  readonly #connect: () => Client;
  readonly #log: Log;
  /** Tells this store's own notifications, for which nobody need be woken again. */
  readonly #id = randomUUID();

  constructor(database: Database, connect: () => Client, lockWaitMillis: number, log: Log) {
    this.#database = database;
    this.#connect = connect;
    this.#lockWaitMillis = lockWaitMillis;
    this.#log = log;
  }

  read<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    return statement(this.#database);
  }

  write<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    return statement(this.#database);
  }

  /** The feed's head is locked first. Those that wait in this process do so before they take a connection from the pool. */
  transaction<T>(work: (database: Database) => Promise<T>): Promise<T> {
    return this.#turn.run(
      () =>
        this.#database.transaction().execute(async (transaction) => {
          await transaction.selectFrom('feed_head').select('id').where('id', '=', 1).forUpdate().execute();
          return work(transaction);
        }),
      this.#lockWaitMillis,
    );
  }

  async announce(database: Database): Promise<void> {
    await sql`select pg_notify(${channel}, ${this.#id})`.execute(database);
  }

  watch(wake: () => void): () => void {
    return listen({
      connect: this.#connect,
      head: async () => {
        const row = await this.#database.selectFrom('feed_head').select('sequence').executeTakeFirst();
        return row?.sequence ?? 0;
      },
      wake,
      own: this.#id,
      log: this.#log,
    });
  }

  close(): Promise<void> {
    return this.#turn.run(() => this.#database.destroy());
  }
}

/** Connects, upgrades the database, and gives the engine. */
export async function openPostgresql(options: PostgresqlOptions, lockWaitMillis: number, log: Log): Promise<Engine> {
  const { default: pg } = await import('pg');
  const server = serverName(options.connection);
  const settings: PoolOptions = { ...defaultPool, ...options.pool };
  // -1 waits for ever, which `pg` writes as 0.
  const connectionTimeoutMillis = Math.max(settings.maxWaitMillis, 0);
  const tls = await decideTls(options, (config) => new pg.Client({ ...config, connectionTimeoutMillis }), server);
  const config = clientConfig(options.connection, tls);
  const pool = new pg.Pool({
    ...config,
    max: settings.maxActive,
    connectionTimeoutMillis,
    idleTimeoutMillis: keepIdleMillis,
    query_timeout: answerMillis,
    onConnect: async (client) => {
      await client.query(
        `set lock_timeout = ${Math.ceil(lockWaitMillis)};
         set idle_in_transaction_session_timeout = ${idleTransactionMillis}`,
      );
    },
  });
  const database: Database = new Kysely<Tables>({
    dialect: new PooledPostgresDialect(new Pool(pool, settings, server, log), server),
  });
  try {
    await migrate('postgresql', database);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return new PostgresqlEngine(database, () => new pg.Client(config), lockWaitMillis, log);
}

/** `prefer` takes TLS where the server offers it; `pg` cannot ask, so a first connection tries. */
async function decideTls(
  { connection }: PostgresqlOptions,
  client: (config: ReturnType<typeof clientConfig>) => Client,
  server: string,
): Promise<boolean> {
  if (!wantsTls(connection)) return false;
  if ((connection.ssl?.mode ?? 'prefer') !== 'prefer') return true;
  const probe = client(clientConfig(connection, true));
  probe.on('error', () => undefined);
  try {
    await probe.connect();
    return true;
  } catch (error) {
    if (error instanceof Error && error.message === 'The server does not support SSL connections') return false;
    throw translatePostgresqlError(error, server);
  } finally {
    await probe.end().catch(() => undefined);
  }
}
