import type { EndpointSecrets, Log } from '@sluice/model';

/** What `openStore` needs. */
export type StoreOptions = (SqliteOptions | PostgresqlOptions) & {
  readonly log?: Log;
  /**
   * Seals the secrets of endpoint configurations in every row that is written. The first time, rows that are there already are sealed too; later
   * opening with another key is refused with `EndpointKeyError`. Absent keeps what it is given.
   */
  readonly secrets?: EndpointSecrets;
  /**
   * How long a write waits for another process's (or, in this process, another transaction's) write to finish,
   * in milliseconds; default 10,000. Beyond it: `StoreUnavailableError('locked')`.
   */
  readonly lockWaitMillis?: number;
};

/** The embedded database: one file (and its `-wal` and `-shm`), made when it is not there, with its folder. */
export interface SqliteOptions {
  readonly engine: 'sqlite';
  readonly file: string;
}

export interface PostgresqlOptions {
  readonly engine: 'postgresql';
  readonly connection: PostgresqlConnection;
  readonly pool?: Partial<PoolOptions>;
}

export interface PostgresqlConnection {
  /** Name, address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
  readonly ssl?: PostgresqlTls;
  /** Schema that holds the tables; default is the user's own search path. */
  readonly schema?: string;
  readonly applicationName?: string;
}

/**
 * libpq's ladder of modes. `prefer` (the default over TCP, as in JDBC) takes TLS where the server offers it and checks nothing;
 * `require` insists on TLS and checks nothing; `verify-ca` checks the chain; `verify-full` checks chain and name.
 */
export interface PostgresqlTls {
  readonly mode: 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';
  /** Files in PEM form. */
  readonly caFile?: string;
  readonly certificateFile?: string;
  readonly keyFile?: string;
}

/** WSO2's pool keys (`[database.apim_db.pool_options]`), with WSO2's defaults. */
export interface PoolOptions {
  /** Connections at most, at least 1; default 50. */
  readonly maxActive: number;
  /** Longest wait for a free connection, milliseconds; default 60,000; -1 waits for ever. */
  readonly maxWaitMillis: number;
  /** Proves a connection before it is used; default true. */
  readonly testOnBorrow: boolean;
  /** Default `SELECT 1`. */
  readonly validationQuery: string;
  /** A connection proven within this time is not proven again, milliseconds; default 30,000. */
  readonly validationIntervalMillis: number;
}

export const defaultPool: PoolOptions = {
  maxActive: 50,
  maxWaitMillis: 60_000,
  testOnBorrow: true,
  validationQuery: 'SELECT 1',
  validationIntervalMillis: 30_000,
};

export const defaultLockWaitMillis = 10_000;
