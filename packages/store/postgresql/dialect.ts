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
import type { QueryResult as PgResult, PoolClient } from 'pg';
import { encodeParameter } from '../codec.ts';
import { StoreUnavailableError } from '../errors.ts';
import { translatePostgresqlError } from './errors.ts';
import type { Pool } from './pool.ts';

/** Kysely's dialect over the pool; it differs from the stock one in the codec, the errors, and the bounds of transactions. */
export class PooledPostgresDialect implements Dialect {
  readonly #pool: Pool;
  readonly #server: string;

  constructor(pool: Pool, server: string) {
    this.#pool = pool;
    this.#server = server;
  }

  createDriver(): Driver {
    const same = (it: DatabaseConnection): PostgresConnection => it as PostgresConnection;
    return {
      init: async () => {},
      acquireConnection: async () => new PostgresConnection(await this.#pool.borrow(), this.#server),
      beginTransaction: (it) => same(it).begin(),
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
    const { command, rowCount, rows } = await this.#query(query.sql, query.parameters.map(encodeParameter));
    return writes.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method; the store reads in pages and never streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the store does not stream');
  }

  async begin(): Promise<void> {
    await this.#query('begin');
  }

  /** PostgreSQL answers COMMIT with ROLLBACK, and no error, when an earlier error had spoiled the transaction. */
  async commit(): Promise<void> {
    const { command } = await this.#query('commit');
    if (command === 'ROLLBACK') throw new AbortedTransactionError();
  }

  /** Never rejects: the error that led here is the one to report. A connection that cannot roll back is thrown away. */
  async rollback(): Promise<void> {
    if (this.#broken) return;
    await this.#query('rollback').catch(() => {
      this.#broken = true;
    });
  }

  release(): void {
    this.#client.release(this.#broken);
  }

  async #query(sql: string, values: unknown[] = []): Promise<PgResult> {
    try {
      return await this.#client.query(sql, values);
    } catch (error) {
      const translated = translatePostgresqlError(error, this.#server);
      // Timed out or cut off: an answer may still come, and must not be taken for that of the next query.
      this.#broken ||= translated instanceof StoreUnavailableError && translated.reason === 'away';
      throw translated;
    }
  }
}
