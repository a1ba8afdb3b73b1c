import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
import type { Database, Engine } from './engine.ts';
import { NestedUseError } from './errors.ts';
import { Mutex } from './mutex.ts';

/** How repositories reach the database; the same code runs inside a transaction and outside. */
export interface Session {
  /** Statements that only read. */
  read<T>(statement: (database: Database) => Promise<T>): Promise<T>;
  /** One statement that writes. */
  write<T>(statement: (database: Database) => Promise<T>): Promise<T>;
  /** Several statements that hold together: all or none. `work` uses the session it is given, one statement at a time. */
  atomic<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** The feed grew: once this is committed, its watchers are woken. */
  announce(): void;
}

/** Outside of transactions. */
export class RootSession implements Session {
  readonly #engine: Engine;
  readonly #committed: () => void;
  /** Set while code runs inside a transaction of this store. */
  readonly #inside = new AsyncLocalStorage<TransactionSession>();
  #closed = false;

  /** `committed` is called after a commit that brought events. */
  constructor(engine: Engine, committed: () => void) {
    this.#engine = engine;
    this.#committed = committed;
  }

  async read<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    this.#admit();
    return this.#engine.read(statement);
  }

  async write<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    this.#admit();
    return this.#engine.write(statement);
  }

  async atomic<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#admit();
    let announced = false;
    const result = await this.#engine.transaction(async (database) => {
      const session = new TransactionSession(database);
      const value = await this.#inside.run(session, () => work(session)).finally(() => session.end());
      announced = session.announced;
      if (announced) await this.#engine.announce(database);
      return value;
    });
    if (announced) this.#committed();
    return result;
  }

  /** Events are appended in transactions only. */
  announce(): void {
    throw new Error('the feed grows only within a transaction');
  }

  /** Refuses all further use. */
  close(): void {
    this.#closed = true;
  }

  #admit(): void {
    if (this.#closed) throw new Error('the store is closed');
    if (this.#inside.getStore()?.over === false) throw new NestedUseError();
  }
}

/**
 * Inside one transaction, on its one connection. Steps run one after another, each in a savepoint, so that a step that
 * fails leaves nothing behind and the transaction usable on both engines (PostgreSQL would otherwise refuse everything after an error).
 */
class TransactionSession implements Session {
  readonly #database: Database;
  readonly #turn = new Mutex();
  over = false;
  announced = false;

  constructor(database: Database) {
    this.#database = database;
  }

  read<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    return this.#step(() => statement(this.#database));
  }

  write<T>(statement: (database: Database) => Promise<T>): Promise<T> {
    return this.#step(() => this.#savepoint(() => statement(this.#database)));
  }

  atomic<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#step(() => this.#savepoint(() => work(this.#inner)));
  }

  announce(): void {
    this.announced = true;
  }

  /** Lets steps that nobody awaited finish, then refuses more. */
  end(): Promise<void> {
    return this.#turn.run(async () => {
      this.over = true;
    });
  }

  /** The session for the inside of `atomic`, which has the turn and the savepoint already. */
  readonly #inner: Session = {
    read: (statement) => statement(this.#database),
    write: (statement) => statement(this.#database),
    atomic: (work) => work(this.#inner),
    announce: () => this.announce(),
  };

  #step<T>(step: () => Promise<T>): Promise<T> {
    return this.#turn.run(() => {
      if (this.over) throw new Error('the transaction is over');
      return step();
    });
  }

  async #savepoint<T>(step: () => Promise<T>): Promise<T> {
    await sql`savepoint step`.execute(this.#database);
    try {
      const result = await step();
      await sql`release savepoint step`.execute(this.#database);
      return result;
    } catch (error) {
      // When the database gave up the whole transaction there is no savepoint left; the first error is the one that tells.
      await sql`rollback to savepoint step`.execute(this.#database).catch(() => undefined);
      await sql`release savepoint step`.execute(this.#database).catch(() => undefined);
      throw error;
    }
  }
}
