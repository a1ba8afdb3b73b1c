import type { Kysely, RawBuilder } from 'kysely';

/** A table as a migration declares it. Unique rules name themselves in the error that breaking them makes (see `ruleName`). */
export interface TableDefinition {
  readonly name: string;
  readonly columns: Readonly<Record<string, RawBuilder<unknown>>>;
  /** Columns that may be null; all others may not. */
  readonly nullable?: readonly string[];
  readonly primary: Constraint;
  readonly unique?: readonly Constraint[];
  readonly indexes?: readonly Constraint[];
  readonly references?: readonly Reference[];
}

/** Name (without `rule_` for unique ones) and columns. */
export type Constraint = readonly [name: string, columns: readonly string[]];

interface Reference {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly to: readonly string[];
  /** What becomes of the row when the one it refers to is removed. */
  readonly removed: 'cascade' | 'restrict';
}

export async function createTable(database: Kysely<unknown>, table: TableDefinition): Promise<void> {
  const [rule, primary] = table.primary;
  let create = database.schema.createTable(table.name);
  for (const [name, type] of Object.entries(table.columns)) {
    const optional = table.nullable?.includes(name) ?? false;
    create = create.addColumn(name, type, (column) => (optional ? column : column.notNull()));
  }
  create = create.addPrimaryKeyConstraint(`rule_${rule}`, [...primary] as never[]);
  for (const it of table.references ?? []) {
    create = create.addForeignKeyConstraint(it.name, [...it.columns] as never[], it.table, [...it.to], (constraint) =>
      constraint.onDelete(it.removed),
    );
  }
  await create.execute();
  for (const [name, columns] of table.unique ?? []) {
    await database.schema
      .createIndex(`rule_${name}`)
      .unique()
      .on(table.name)
      .columns([...columns])
      .execute();
  }
  for (const [name, columns] of table.indexes ?? []) {
    await database.schema
      .createIndex(name)
      .on(table.name)
      .columns([...columns])
      .execute();
  }
}
