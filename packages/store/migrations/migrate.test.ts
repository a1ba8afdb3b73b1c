import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { Kysely } from 'kysely';
import type { Tables } from '../schema.ts';
import { SqliteConnection } from '../sqlite/connection.ts';
import { NodeSqliteDialect } from '../sqlite/dialect.ts';
import { firstTables } from './first-tables.ts';
import { type Migration, migrate } from './migrate.ts';

const step = (name: string, ...statements: string[]): Migration => ({ name, statements: () => statements });

describe('migrations', () => {
  const connect = () => {
    const raw = new DatabaseSync(':memory:');
    const database = new Kysely<Tables>({ dialect: new NodeSqliteDialect(new SqliteConnection(raw, 'memory', 0)) });
    const versions = () =>
      raw
        .prepare('select version, name from schema_version order by 1')
        .all()
        .map((row) => row.name);
    return { raw, database, versions };
  };

  test('only the steps that are missing run, in order', async () => {
    const { raw, database, versions } = connect();
    await migrate('sqlite', database, [firstTables]);
    const second = step('second', 'create table extra (a text)', "insert into extra values ('second')");
    const third = step('third', "update extra set a = a || ' third'");
    await migrate('sqlite', database, [firstTables, second, third]);
    await migrate('sqlite', database, [firstTables, second, third]);
    assert.deepEqual(versions(), ['first tables', 'second', 'third']);
    assert.equal(raw.prepare('select a from extra').get()?.a, 'second third');
    raw.close();
  });

  test('a step that fails takes all steps of that start back', async () => {
    const { raw, database, versions } = connect();
    await migrate('sqlite', database, [firstTables]);
    const good = step('good', 'create table extra (a text)');
    const bad = step('bad', 'create table more (a text)', 'no such statement');
    await assert.rejects(migrate('sqlite', database, [firstTables, good, bad]), /syntax error/);
    assert.deepEqual(versions(), ['first tables']);
    assert.equal(raw.prepare("select count(*) as n from sqlite_master where name in ('extra', 'more')").get()?.n, 0);
    await migrate('sqlite', database, [firstTables, good]);
    assert.deepEqual(versions(), ['first tables', 'good']);
    raw.close();
  });
});
