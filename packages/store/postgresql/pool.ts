import type { Log } from '@sluice/model';
import type { Pool as PgPool, PoolClient } from 'pg';
import { StoreUnavailableError } from '../errors.ts';
import type { PoolOptions } from '../options.ts';
import { isOfStatement, translatePostgresqlError } from './errors.ts';

/** A validation query that takes longer than this, or than the longest wait for a connection, has met a dead one. Milliseconds. */
const longestValidationMillis = 5_000;

/** The message of `pg` for a wait that was too long. */
const waitedTooLong = 'timeout exceeded when trying to connect';

/** Connections of `pg`, lent with the guarantees of the pool keys. */
export class Pool {
  readonly #pool: PgPool;
  readonly #options: PoolOptions;
  readonly #server: string;
  readonly #validationMillis: number;
  /** When each connection was last proven, on the monotonic clock. */
  readonly #proven = new WeakMap<PoolClient, number>();
  /** When the last connection that turned out dead was tried. */
  #lastDeath = Number.NEGATIVE_INFINITY;

  constructor(pool: PgPool, options: PoolOptions, server: string, log: Log) {
    this.#pool = pool;
    this.#options = options;
    this.#server = server;
    const { maxWaitMillis } = options;
    this.#validationMillis =
      maxWaitMillis > 0 ? Math.min(maxWaitMillis, longestValidationMillis) : longestValidationMillis;
    pool.on('connect', (client) => {
      this.#proven.set(client, performance.now());
      // One that is lent and breaks between two statements: without a listener that would end the process. The next statement tells.
      client.on('error', () => undefined);
    });
    // The same of idle ones, which the pool has dropped already.
    pool.on('error', (error) => log.warn('lost an idle connection to PostgreSQL', { server, error: error.message }));
  }

  /** A connection that is known, or was lately known, to work. Release it with `true` to throw it away. */
  async borrow(): Promise<PoolClient> {
    for (;;) {
      const client = await this.#connect();
      if (!this.#options.testOnBorrow || this.#isFresh(client)) return client;
      if (!this.#isSuspect(client) && (await this.#answers(client))) return client;
      // Each round removes a connection, so that in the end a new one comes, or none and the reason why.
      client.release(true);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      if (error instanceof Error && error.message === waitedTooLong) {
        throw new StoreUnavailableError(
          'pool-exhausted',
          `PostgreSQL ${this.#server}: no connection became free in ${this.#options.maxWaitMillis} ms ` +
            `(maxWait); all ${this.#options.maxActive} (maxActive) are in use`,
          { cause: error },
        );
      }
      throw translatePostgresqlError(error, this.#server);
    }
  }

  #isFresh(client: PoolClient): boolean {
    const age = performance.now() - this.#provenAt(client);
    return age < this.#options.validationIntervalMillis && !this.#isSuspect(client);
  }

  /** What killed one connection likely killed all that are as old; finding out one by one would take a wait for each. */
  #isSuspect(client: PoolClient): boolean {
    return this.#provenAt(client) <= this.#lastDeath;
  }

  #provenAt(client: PoolClient): number {
    return this.#proven.get(client) ?? 0;
  }

  async #answers(client: PoolClient): Promise<boolean> {
    const asked = performance.now();
    try {
      // `pg` takes a limit for each query, which its types do not tell.
      const query = { text: this.#options.validationQuery, query_timeout: this.#validationMillis };
      await client.query(query as { text: string });
      this.#proven.set(client, performance.now());
      return true;
    } catch (error) {
      if (isOfStatement(error)) {
        client.release();
        const { validationQuery } = this.#options;
        throw new Error(`validationQuery ${JSON.stringify(validationQuery)} fails: ${error.message}`, { cause: error });
      }
      this.#lastDeath = asked;
      return false;
    }
  }
}
