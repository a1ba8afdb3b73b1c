import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { PoolClient } from 'pg';
import { encodeParameter } from '../codec.ts';
import { translatePostgresqlError } from './errors.ts';
import type { Pool } from './pool.ts';

/** Kysely's dialect over the pool; it differs from the stock one in the codec, the errors, and the bounds of transactions. */
export class PooledPostgresDialect implements Dialect {
  readonly #pool: Pool;
  readonly #server: string;
  readonly #begin: string;

  /** `lockWaitMillis` bounds every wait for a lock within a transaction; `idleMillis` the time a transaction may stand still. */
  constructor(pool: Pool, server: string, limits: { lockWaitMillis: number; idleMillis: number }) {
    this.#pool = pool;
    this.#server = server;
    this.#begin =
      `begin; set local lock_timeout = ${Math.ceil(limits.lockWaitMillis)}; ` +
      `set local idle_in_transaction_session_timeout = ${Math.ceil(limits.idleMillis)}`;
  }

  createDriver(): Driver {
    const same = (it: DatabaseConnection): PostgresConnection => it as PostgresConnection;
    return {
      init: async () => {},
      acquireConnection: async () => new PostgresConnection(await this.#pool.borrow(), this.#server),
      beginTransaction: (it) => same(it).begin(this.#begin),
      commitTransaction: (it) => same(it).commit(),
      rollbackTransaction: (it) => same(it).rollback(),
      releaseConnection: async (it) => same(it).release(),
      destroy: () => this.#pool.end(),
    };
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }

  // biome-ignore lint/suspicious/noExplicitAny: the type of Kysely's own dialects.
  createIntrospector(database: Kysely<any>): PostgresIntrospector {
    return new PostgresIntrospector(database);
  }
}

const writes = new Set(['INSERT', 'UPDATE', 'DELETE']);

/** One loan of a connection. */
class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  readonly #server: string;
  #broken = false;

  constructor(client: PoolClient, server: string) {
    this.#client = client;
    this.#server = server;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    try {
      const values = query.parameters.map(encodeParameter);
      const { command, rowCount, rows } = await this.#client.query(query.sql, values);
      return writes.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
    } catch (error) {
      throw translatePostgresqlError(error, this.#server);
    }
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method; the store reads in pages and never streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the store does not stream');
  }

  async begin(statements: string): Promise<void> {
    try {
      await this.#client.query(statements);
    } catch (error) {
      this.#broken = true;
      throw translatePostgresqlError(error, this.#server);
    }
  }

  /** PostgreSQL answers COMMIT with ROLLBACK, and no error, when an earlier error had spoiled the transaction. */
  async commit(): Promise<void> {
    try {
      const { command } = await this.#client.query('commit');
      if (command === 'ROLLBACK') throw new AbortedTransactionError();
    } catch (error) {
      throw translatePostgresqlError(error, this.#server);
    }
  }

  /** Never rejects: the error that led here is the one to report. A connection that cannot roll back is thrown away. */
  async rollback(): Promise<void> {
    try {
      await this.#client.query('rollback');
    } catch {
      this.#broken = true;
    }
  }

  release(): void {
    this.#client.release(this.#broken);
  }
}
