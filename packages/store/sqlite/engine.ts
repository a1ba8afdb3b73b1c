import { resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import type { Database, Engine } from '../engine.ts';
import { migrate } from '../migrations/migrate.ts';
import { Mutex } from '../mutex.ts';
import type { SqliteOptions } from '../options.ts';
import type { Tables } from '../schema.ts';
import { SqliteConnection } from './connection.ts';
import { NodeSqliteDialect } from './dialect.ts';
import { openReader, openWriter } from './open.ts';
import { Courtesy } from './retry.ts';

/** How often the file is looked at for commits of other processes, milliseconds. The look takes microseconds. */
const watchMillis = 250;

/** One writer connection that takes turns, one reader connection that never waits. */
class SqliteEngine implements Engine {
  readonly name = 'sqlite';
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #write: Database;
  readonly #read: Database;
  readonly #turn = new Mutex();
  readonly #courtesy = new Courtesy();
  readonly #lockWaitMillis: number;

  constructor(file: string, writer: DatabaseSync, reader: DatabaseSync, lockWaitMillis: number) {
    this.#writer = writer;
    this.#reader = reader;
    this.#lockWaitMillis = lockWaitMillis;
    this.#write = database(new SqliteConnection(writer, file, lockWaitMillis));
    this.#read = database(new SqliteConnection(reader, file, lockWaitMillis));
  }

  read<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    return statement(this.#read);
  }

  write<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    return this.#alone(() => statement(this.#write));
  }

  transaction<T>(work: (database: Database) => Promise<T>): Promise<T> {
    return this.#alone(() => this.#write.transaction().execute(work));
  }

  /** Readers look at the file, which tells; there is nobody to notify. */
  async announce(): Promise<void> {}

  watch(wake: () => void): () => void {
    // Of the writer connection, so that this process's own commits do not count.
    const version = this.#writer.prepare('pragma data_version');
    let seen = version.get()?.data_version;
    const timer = setInterval(() => {
      const now = version.get()?.data_version;
      if (now === seen) return;
      seen = now;
      wake();
    }, watchMillis).unref();
    return () => clearInterval(timer);
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#turn.run(async () => {
      await this.#courtesy.before();
      return work().finally(() => this.#courtesy.after());
    }, this.#lockWaitMillis);
  }

  /** Waits for the transaction that runs. */
  close(): Promise<void> {
    return this.#turn.run(async () => {
      this.#reader.close();
      this.#writer.close();
    });
  }
}

const database = (connection: SqliteConnection): Database =>
  new Kysely<Tables>({ dialect: new NodeSqliteDialect(connection) });

/** Opens the file, upgrades it, and gives the engine. */
export async function openSqlite(options: SqliteOptions, lockWaitMillis: number): Promise<Engine> {
  const file = resolve(options.file);
  const writer = await openWriter(file, lockWaitMillis);
  try {
    await migrate('sqlite', database(new SqliteConnection(writer, file, lockWaitMillis)));
    return new SqliteEngine(file, writer, openReader(file), lockWaitMillis);
  } catch (error) {
    writer.close();
    throw error;
  }
}
