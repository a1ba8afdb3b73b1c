import type { DatabaseSync } from 'node:sqlite';
import { ConflictError, MissingReferenceError, StoreUnavailableError, ValueTooLongError } from '../errors.ts';
import { ruleName } from '../migrations/rule.ts';

/** What `node:sqlite` throws; `errcode` is SQLite's extended result code (https://sqlite.org/rescode.html). */
interface SqliteError extends Error {
  readonly code: 'ERR_SQLITE_ERROR';
  readonly errcode: number;
}

const isSqliteError = (error: unknown): error is SqliteError =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';

/** Extended codes. */
const constraintCheck = 275;
const constraintForeignKey = 787;
const constraintPrimaryKey = 1555;
/** Also how `on delete restrict` is reported. */
const constraintTrigger = 1811;
const constraintUnique = 2067;
/** I/O errors of writing, syncing, truncating and growing shared memory: a full disk or an exhausted quota in most lives. */
const failedWrites = new Set([778, 1034, 1290, 1546, 4874]);

/** Primary codes: the low byte of the extended ones. */
const primary = (errcode: number): number => errcode & 0xff;
const busy = 5;
const locked = 6;
const readonly = 8;
const inputOutput = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;

/** True when another connection holds the lock and trying again may help. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (primary(error.errcode) === busy || primary(error.errcode) === locked);
}

/** The store's error for one of SQLite's; others pass unchanged. `database` is asked for the name of a broken uniqueness rule. */
export function translateSqliteError(error: unknown, file: string, database?: DatabaseSync): unknown {
  if (!isSqliteError(error)) return error;
  const options = { cause: error };
  const unavailable = (reason: StoreUnavailableError['reason'], text: string): StoreUnavailableError =>
    new StoreUnavailableError(reason, `database ${file}: ${text} (${error.message})`, options);

  switch (error.errcode) {
    case constraintUnique:
    case constraintPrimaryKey:
      return new ConflictError((database && brokenRule(database, error.message)) ?? 'unknown', options);
    case constraintForeignKey:
    case constraintTrigger:
      return new MissingReferenceError(options);
    case constraintCheck:
      return new ValueTooLongError(options);
  }
  switch (primary(error.errcode)) {
    case busy:
    case locked:
      return unavailable('locked', 'another process kept it locked');
    case full:
      return unavailable('full', 'no space is left');
    case readonly:
      return unavailable('readonly', 'it cannot be written');
    case inputOutput:
      return failedWrites.has(error.errcode)
        ? unavailable('full', 'writing to the disk failed')
        : unavailable('away', 'reading the disk failed');
    case cannotOpen:
      return unavailable('away', 'it cannot be opened');
    case corrupt:
    case notADatabase:
      return unavailable('away', 'the file is damaged or not a database; restore it from a backup');
    default:
      return error;
  }
}

/**
 * SQLite names the columns (`UNIQUE constraint failed: api.organization, api.id`), not the rule; the index over just these
 * columns has it as its name, and a primary key in the text of its table.
 */
function brokenRule(database: DatabaseSync, message: string): string | undefined {
  const columns = message.slice(message.indexOf(': ') + 2).split(', ');
  const table = columns[0]?.split('.')[0];
  if (table === undefined) return undefined;
  const found = database
    .prepare(
      `select l.name, l.origin, t.sql from pragma_index_list(?1) l, sqlite_master t
       where l."unique" = 1 and t.type = 'table' and t.name = ?1
       and (select group_concat(i.name) from pragma_index_info(l.name) i) = ?2`,
    )
    .get(table, columns.map((column) => column.slice(table.length + 1)).join());
  const name =
    found?.origin === 'pk' ? /constraint "(rule_\w+)" primary key/.exec(String(found.sql))?.[1] : found?.name;
  return typeof name === 'string' ? ruleName(name) : undefined;
}
