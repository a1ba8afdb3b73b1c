import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnavailableError } from '../errors.ts';
import { translateSqliteError } from './errors.ts';
import { retryWhileBusy } from './retry.ts';

/** SQLite's own busy handler blocks the event loop; what is longer is waited for by `retryWhileBusy`. Milliseconds. */
const busyTimeoutMillis = 2;

/** Taken as it is needed. Enough for a search through 10,000 APIs to find their columns in memory. */
const readCacheKibibytes = 16_384;

/**
 * Opens the file for writing (and makes it, its owner's alone, since it holds password hashes and sealed keys).
 * Write-ahead log: readers never wait for the writer. Full sync: a commit is on the disk when it is acknowledged.
 */
export async function openWriter(file: string, lockWaitMillis: number): Promise<DatabaseSync> {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : code === 'EROFS' ? 'readonly' : 'away';
    throw new StoreUnavailableError(reason, `database ${file}: it cannot be opened for writing (${message})`, {
      cause,
    });
  }
  const database = open(file, false);
  try {
    // Two processes that open a new file at once both want to switch its mode, which SQLite's busy handler does not wait for.
    await retryWhileBusy(() => database.exec('pragma journal_mode = wal; pragma synchronous = full'), lockWaitMillis);
    return database;
  } catch (error) {
    database.close();
    throw translateSqliteError(error, file);
  }
}

/** A second connection that only reads: it sees what is committed, whatever the writer is in the middle of. */
export function openReader(file: string): DatabaseSync {
  const database = open(file, true);
  database.exec(`pragma cache_size = -${readCacheKibibytes}`);
  return database;
}

function open(file: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(file, {
      readOnly,
      timeout: busyTimeoutMillis,
      enableForeignKeyConstraints: true,
      defensive: true,
    });
  } catch (error) {
    throw translateSqliteError(error, file);
  }
}
