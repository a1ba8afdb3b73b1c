import type { Log } from '@sluice/model';
import type { Pool as PgPool, PoolClient } from 'pg';
import { StoreUnavailableError } from '../errors.ts';
import type { PoolOptions } from '../options.ts';
import { translatePostgresqlError } from './errors.ts';

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

  constructor(pool: PgPool, options: PoolOptions, server: string, log: Log) {
    this.#pool = pool;
    this.#options = options;
    this.#server = server;
    const { maxWaitMillis } = options;
    this.#validationMillis =
      maxWaitMillis > 0 ? Math.min(maxWaitMillis, longestValidationMillis) : longestValidationMillis;
    pool.on('connect', (client) => this.#proven.set(client, performance.now()));
    // Of idle connections; without a listener it would end the process. The pool has dropped the connection already.
    pool.on('error', (error) => log.warn('lost an idle connection to PostgreSQL', { server, error: error.message }));
  }

  /** A connection that is known, or was lately known, to work. Release it with `true` to throw it away. */
  async borrow(): Promise<PoolClient> {
    // Each round removes a dead connection, so after all of them the next is new.
    for (let dead = 0; ; dead++) {
      const client = await this.#connect();
      if (!this.#options.testOnBorrow || this.#isFresh(client)) return client;
      try {
        // `pg` takes a limit for each query, which its types do not tell.
        await client.query({ text: this.#options.validationQuery, query_timeout: this.#validationMillis } as {
          text: string;
        });
        this.#proven.set(client, performance.now());
        return client;
      } catch (error) {
        client.release(true);
        if (dead >= this.#options.maxActive) throw translatePostgresqlError(error, this.#server);
      }
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
    const proven = this.#proven.get(client);
    return proven !== undefined && performance.now() - proven < this.#options.validationIntervalMillis;
  }
}
