/** Column types by engine, as SQL. */
export interface Columns {
  /**
   * Text that is compared or indexed, of at most `length` characters on both engines. Compared by code point: the
   * locale's order on PostgreSQL would sort lists differently and keep indexes from serving prefixes.
   */
  key(name: string, length: number): string;
  readonly text: string;
  /** 64-bit integer: times, counters. */
  readonly integer: string;
  readonly bytes: string;
}

const sqlite: Columns = {
  // SQLite ignores the length of a varchar.
  key: (name, length) => `varchar(${length}) check (length("${name}") <= ${length})`,
  text: 'text',
  integer: 'integer',
  bytes: 'blob',
};

const postgresql: Columns = {
  key: (_name, length) => `varchar(${length}) collate "C"`,
  text: 'text collate "C"',
  integer: 'bigint',
  bytes: 'bytea',
};

export const columnsOf = (engine: 'sqlite' | 'postgresql'): Columns => (engine === 'sqlite' ? sqlite : postgresql);
