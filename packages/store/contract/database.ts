import type { StoreOptions } from '../options.ts';
import type { Store } from '../store.ts';

/** An empty database under test, as each engine's test file provides it. */
export interface TestDatabase {
  /** Opened on the empty database. */
  readonly store: Store;
  /** One more store on the same database, as another process would have it. */
  another(options?: { lockWaitMillis?: number }): Promise<Store>;
  /** Makes every write meet a lock that another process holds, until the returned function is called. */
  lock(): Promise<() => Promise<void>>;
  /** A database of its own that no store has opened yet. */
  blank(): Promise<BlankDatabase>;
  /** The tables, each with its columns and the columns of its primary and unique keys. */
  tables(): Promise<Table[]>;
  /** Closes all stores and removes the database. */
  remove(): Promise<void>;
}

export interface BlankDatabase {
  open(options?: Pick<StoreOptions, 'secrets'>): Promise<Store>;
  /** Runs a statement past any store. */
  execute(sql: string): Promise<void>;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly keys: readonly (readonly string[])[];
}

export type OpenDatabase = () => Promise<TestDatabase>;
