export { DatabaseUrlError, type ParsedDatabaseUrl, parseDatabaseUrl } from './database-url.ts';
export {
  ConflictError,
  EndpointKeyError,
  MissingReferenceError,
  NestedUseError,
  NewerDatabaseError,
  StoreUnavailableError,
  type UnavailableReason,
  ValueTooLongError,
} from './errors.ts';
export { openStore } from './open.ts';
export {
  defaultLockWaitMillis,
  defaultPool,
  type PoolOptions,
  type PostgresqlConnection,
  type PostgresqlOptions,
  type PostgresqlTls,
  type SqliteOptions,
  type StoreOptions,
} from './options.ts';
export type * from './store.ts';
