import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CompiledQuery, type DatabaseConnection, type QueryResult } from 'kysely';
import { encodeParameter } from '../codec.ts';
import { StoreUnavailableError } from '../errors.ts';
import { breath } from './breath.ts';
import { translateSqliteError } from './errors.ts';
import { retryWhileBusy } from './retry.ts';

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
}

/** Statements kept prepared per connection; searches make many forms, the oldest are let go. */
const keptStatements = 500;

/** One SQLite connection as Kysely drives it. Preparing costs several times what running does, so statements are kept. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #lockWaitMillis: number;
  readonly #statements = new Map<string, Prepared>();
  #inTransaction = false;

  constructor(database: DatabaseSync, file: string, lockWaitMillis: number) {
    this.#database = database;
    this.#file = file;
    this.#lockWaitMillis = lockWaitMillis;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const pause = breath();
    if (pause !== undefined) await pause;
    try {
      // Within a transaction the write lock is held already: nothing to wait for, and a retry would hide the reason.
      if (this.#inTransaction) {
        this.#assertStillOpen();
        return this.#run(query.sql, query.parameters);
      }
      return await retryWhileBusy(() => this.#run<R>(query.sql, query.parameters), this.#lockWaitMillis);
    } catch (error) {
      throw translateSqliteError(error, this.#file, this.#database);
    }
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method; the store reads in pages and never streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('the store does not stream');
  }

  /** Takes the write lock at once: a transaction that reads first and locks later could find its reads outdated. */
  async begin(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw('begin immediate'));
    this.#inTransaction = true;
  }

  async commit(): Promise<void> {
    await this.executeQuery(CompiledQuery.raw('commit'));
    this.#inTransaction = false;
  }

  /** Never rejects: the error that led here is the one to report. */
  async rollback(): Promise<void> {
    this.#inTransaction = false;
    if (this.#database.isTransaction) this.#database.exec('rollback');
  }

  #run<R>(sql: string, parameters: readonly unknown[]): QueryResult<R> {
    const { statement, returnsRows } = this.#prepare(sql);
    const values = parameters.map(encodeParameter);
    if (returnsRows) {
      const rows = statement.all(...values) as R[];
      return { rows, numAffectedRows: BigInt(rows.length) };
    }
    return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
  }

  #prepare(sql: string): Prepared {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, returnsRows: statement.columns().length > 0 };
    if (this.#statements.size >= keptStatements) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    }
    this.#statements.set(sql, prepared);
    return prepared;
  }

  /** A full disk makes SQLite roll back by itself; what came after would be committed one by one. */
  #assertStillOpen(): void {
    if (this.#database.isTransaction) return;
    throw new StoreUnavailableError(
      'full',
      `database ${this.#file}: it gave up the transaction after an earlier error`,
    );
  }
}
