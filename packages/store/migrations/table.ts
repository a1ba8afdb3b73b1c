/** A table as a migration declares it. Unique rules name themselves in the error that breaking them makes (see `ruleName`). */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  /** Columns that may be null; all others may not. */
  readonly nullable?: readonly string[];
  readonly primary: Constraint;
  readonly unique?: readonly Constraint[];
  readonly indexes?: readonly Constraint[];
  readonly references?: readonly Reference[];
}

/** Name (without `rule_` for unique ones) and columns. */
type Constraint = readonly [name: string, columns: readonly string[]];

interface Reference {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly to: readonly string[];
  /** What becomes of the row when the one it refers to is removed. */
  readonly removed: 'cascade' | 'restrict';
}

/** The statements that make the table and its indexes. */
export function createTable(table: TableDefinition): string[] {
  const [rule, primary] = table.primary;
  const parts = [
    ...Object.entries(table.columns).map(
      ([name, type]) => `"${name}" ${type}${table.nullable?.includes(name) ? '' : ' not null'}`,
    ),
    `constraint "rule_${rule}" primary key (${list(primary)})`,
    ...(table.references ?? []).map(
      (it) =>
        `constraint "${it.name}" foreign key (${list(it.columns)}) ` +
        `references "${it.table}" (${list(it.to)}) on delete ${it.removed}`,
    ),
  ];
  const on = (columns: readonly string[]): string => `on "${table.name}" (${list(columns)})`;
  return [
    `create table "${table.name}" (${parts.join(', ')})`,
    ...(table.unique ?? []).map(([name, columns]) => `create unique index "rule_${name}" ${on(columns)}`),
    ...(table.indexes ?? []).map(([name, columns]) => `create index "${name}" ${on(columns)}`),
  ];
}

const list = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');
