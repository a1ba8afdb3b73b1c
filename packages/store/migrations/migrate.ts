import { type Kysely, sql } from 'kysely';
import { NewerDatabaseError } from '../errors.ts';
import type { Tables } from '../schema.ts';
import type { Columns } from './columns.ts';
import { columnsOf } from './columns.ts';
import { denialsAndRules } from './denials-and-rules.ts';
import { firstTables } from './first-tables.ts';
import { sharedEndpoints } from './shared-endpoints.ts';

/** One step forward; there are no steps back. Steps that were released are never edited. */
export interface Migration {
  readonly name: string;
  statements(columns: Columns): string[];
}

/** In order; a step's version is its place, counted from 1. */
const migrations: readonly Migration[] = [firstTables, denialsAndRules, sharedEndpoints];

/** Key of the advisory lock under which PostgreSQL is upgraded ("sluice" in ASCII). */
const upgradeLock = 0x736c_7569_6365;

/** How long one starter waits for another that is upgrading, milliseconds. */
const upgradeWaitMillis = 60_000;

/**
 * Brings the database to this program's version: all steps in one transaction, and one starter at a time. Rejects with
 * `NewerDatabaseError`, and touches nothing, when the database is ahead of the program.
 */
export async function migrate(
  engine: 'sqlite' | 'postgresql',
  database: Kysely<Tables>,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  if (behind(await appliedVersion(engine, database), steps.length) === 0) return;
  await database.transaction().execute(async (transaction) => {
    // On SQLite the transaction holds the write lock from its beginning.
    if (engine === 'postgresql') {
      await sql`select set_config('lock_timeout', ${String(upgradeWaitMillis)}, true)`.execute(transaction);
      await sql`select pg_advisory_xact_lock(${upgradeLock})`.execute(transaction);
    }
    const applied = await appliedVersion(engine, transaction);
    if (behind(applied, steps.length) === 0) return;
    const columns = columnsOf(engine);
    for (const [index, step] of steps.entries()) {
      if (index < applied) continue;
      for (const statement of step.statements(columns)) await sql.raw(statement).execute(transaction);
      await transaction
        .insertInto('schema_version')
        .values({ version: index + 1, name: step.name, applied_time: Date.now() })
        .execute();
    }
  });
}

/** Steps to go; throws when the database is ahead. */
function behind(applied: number, known: number): number {
  if (applied > known) throw new NewerDatabaseError(applied, known);
  return known - applied;
}

/** 0 for an empty database. */
async function appliedVersion(engine: 'sqlite' | 'postgresql', database: Kysely<Tables>): Promise<number> {
  const lookup =
    engine === 'sqlite'
      ? sql<{ found: number }>`select count(*) as found from sqlite_master where name = 'schema_version'`
      : sql<{ found: number }>`select count(to_regclass('schema_version')) as found`;
  const found = (await lookup.execute(database)).rows[0]?.found;
  if (found === 0) return 0;
  const row = await database
    .selectFrom('schema_version')
    .select((it) => it.fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}
