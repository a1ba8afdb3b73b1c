import {
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SqliteConnection } from './connection.ts';

/** Kysely's dialect for one connection of `node:sqlite`. Who writes when is decided by the engine, not here. */
export class NodeSqliteDialect implements Dialect {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  createDriver(): Driver {
    const connection = this.#connection;
    const same = (it: DatabaseConnection): SqliteConnection => it as SqliteConnection;
    return {
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: (it) => same(it).begin(),
      commitTransaction: (it) => same(it).commit(),
      rollbackTransaction: (it) => same(it).rollback(),
      releaseConnection: async () => {},
      destroy: async () => {},
    };
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new SharedConnectionAdapter();
  }

  // biome-ignore lint/suspicious/noExplicitAny: the type of Kysely's own dialects.
  createIntrospector(database: Kysely<any>): SqliteIntrospector {
    return new SqliteIntrospector(database);
  }
}

/** Statements run at once and to the end, so Kysely need not queue for the connection. */
class SharedConnectionAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): true {
    return true;
  }
}
