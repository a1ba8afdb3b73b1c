import type {
  DeleteQueryBuilder,
  DeleteResult,
  InsertQueryBuilder,
  InsertResult,
  SelectQueryBuilder,
  UpdateQueryBuilder,
  UpdateResult,
} from 'kysely';
import type { Database } from './engine.ts';
import type { Tables } from './schema.ts';
import type { Session } from './session.ts';

/** Tables whose rows belong to tenants. */
export type TenantTable = {
  [T in keyof Tables]: Tables[T] extends { organization: string } ? T : never;
}[keyof Tables];

/** A row as its repository gives it; the organization is filled in here. */
type Row<T extends TenantTable> = Omit<Tables[T], 'organization'>;

/**
 * The tables as one organization may see them. Repositories of tenants get this and never the database itself, so that
 * no statement can be written without its scope.
 */
export class TenantTables {
  readonly #database: Database;
  readonly #organization: string;

  constructor(database: Database, organization: string) {
    this.#database = database;
    this.#organization = organization;
  }

  select<T extends TenantTable>(table: T): SelectQueryBuilder<Tables, T, Record<never, never>> {
    const query = this.#database.selectFrom(table as 'api').where(...this.#scope(table));
    return query as unknown as SelectQueryBuilder<Tables, T, Record<never, never>>;
  }

  insert<T extends TenantTable>(
    table: T,
    rows: Row<T> | readonly Row<T>[],
  ): InsertQueryBuilder<Tables, T, InsertResult> {
    const owned = [rows].flat().map((row) => ({ ...(row as object), organization: this.#organization }));
    const query = this.#database.insertInto(table as 'api').values(owned as never);
    return query as unknown as InsertQueryBuilder<Tables, T, InsertResult>;
  }

  update<T extends TenantTable>(table: T, row: Partial<Row<T>>): UpdateQueryBuilder<Tables, T, T, UpdateResult> {
    const query = this.#database
      .updateTable(table as 'api')
      .set(row as never)
      .where(...this.#scope(table));
    return query as unknown as UpdateQueryBuilder<Tables, T, T, UpdateResult>;
  }

  delete<T extends TenantTable>(table: T): DeleteQueryBuilder<Tables, T, DeleteResult> {
    const query = this.#database.deleteFrom(table as 'api').where(...this.#scope(table));
    return query as unknown as DeleteQueryBuilder<Tables, T, DeleteResult>;
  }

  #scope(table: TenantTable): ['api.organization', '=', string] {
    return [`${table}.organization` as 'api.organization', '=', this.#organization];
  }
}

/** A session that reaches only one organization's rows. */
export class TenantSession {
  readonly organization: string;
  readonly #session: Session;

  constructor(session: Session, organization: string) {
    this.#session = session;
    this.organization = organization;
  }

  read<T>(statement: (tables: TenantTables) => Promise<T>): Promise<T> {
    return this.#session.read((database) => statement(new TenantTables(database, this.organization)));
  }

  write<T>(statement: (tables: TenantTables) => Promise<T>): Promise<T> {
    return this.#session.write((database) => statement(new TenantTables(database, this.organization)));
  }

  atomic<T>(work: (session: TenantSession) => Promise<T>): Promise<T> {
    return this.#session.atomic((session) => work(new TenantSession(session, this.organization)));
  }

  /** Refuses to file a row under another organization than the one it names. */
  assertOwned(entity: { readonly organization: string }): void {
    if (entity.organization === this.organization) return;
    throw new TypeError(`a row of organization ${entity.organization} was given to the store of ${this.organization}`);
  }
}
