import { type RawBuilder, sql } from 'kysely';

/** Column types by engine. */
export interface Columns {
  /**
   * Text that is compared or indexed, of at most `length` characters on both engines. Compared by code point: the
   * locale's order on PostgreSQL would sort lists differently and keep indexes from serving prefixes.
   */
  key(name: string, length: number): RawBuilder<unknown>;
  readonly text: RawBuilder<unknown>;
  /** 64-bit integer: times, counters. */
  readonly integer: RawBuilder<unknown>;
  readonly bytes: RawBuilder<unknown>;
}

const sqlite: Columns = {
  // SQLite ignores the length of a varchar.
  key: (name, length) => sql`varchar(${sql.lit(length)}) check (length(${sql.ref(name)}) <= ${sql.lit(length)})`,
  text: sql`text`,
  integer: sql`integer`,
  bytes: sql`blob`,
};

const postgresql: Columns = {
  key: (_name, length) => sql`varchar(${sql.lit(length)}) collate "C"`,
  text: sql`text collate "C"`,
  integer: sql`bigint`,
  bytes: sql`bytea`,
};

export const columnsOf = (engine: 'sqlite' | 'postgresql'): Columns => (engine === 'sqlite' ? sqlite : postgresql);
