import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** A handle on which repositories build their statements. */
export type Database = Kysely<Tables>;

/** What differs between SQLite and PostgreSQL once the statements are the same. Rejections are the store's own errors. */
export interface Engine {
  readonly name: 'sqlite' | 'postgresql';
  /** Runs statements that only read, outside any transaction: they see what is committed. */
  read<T>(statement: (database: Database) => Promise<T>): Promise<T>;
  /** Runs one statement that writes. */
  write<T>(statement: (database: Database) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in a transaction. Transactions run one after another, across all processes on this database, so what
   * one reads is still true when it commits, and the feed's sequences are given in the order of the commits.
   */
  transaction<T>(work: (database: Database) => Promise<T>): Promise<T>;
  /** Tells other processes, once the transaction of `database` commits, that the feed has grown. */
  announce(database: Database): Promise<void>;
  /** Calls back after other processes may have committed events, until the returned function is called. */
  watch(wake: () => void): () => void;
  close(): Promise<void>;
}
