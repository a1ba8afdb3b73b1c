import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { CompiledQuery } from 'kysely';
import { rejectsUnavailable } from '../contract/expect.ts';
import { SqliteConnection } from './connection.ts';

/** A connection to a database in memory, and the database itself to put in trouble. */
function connect() {
  const database = new DatabaseSync(':memory:');
  const connection = new SqliteConnection(database, 'memory', 50);
  const execute = (sql: string, ...parameters: unknown[]) =>
    connection.executeQuery(CompiledQuery.raw(sql, parameters));
  return { database, connection, execute };
}

describe('sqlite connection', () => {
  test('a transaction that a full database gave up is not committed in pieces', async () => {
    const { database, connection, execute } = connect();
    await execute('create table t (a text)');
    database.exec('pragma max_page_count = 10');
    await connection.begin();
    await execute('insert into t values (?)', 'first');
    await rejectsUnavailable(execute('insert into t values (?)', 'x'.repeat(100_000)), 'full', /no space is left/);
    if (database.isTransaction) database.exec('rollback');
    await rejectsUnavailable(execute('insert into t values (?)', 'second'), 'full', /gave up the transaction/);
    await rejectsUnavailable(connection.commit(), 'full');
    await connection.rollback();
    assert.deepEqual((await execute('select * from t')).rows, []);
    database.exec('pragma max_page_count = 1000');
    await execute('insert into t values (?)', 'x'.repeat(100_000));
    database.close();
  });

  test('a database that cannot be written says so', async () => {
    const { database, execute } = connect();
    database.exec('create table t (a text); pragma query_only = 1');
    await rejectsUnavailable(execute('insert into t values (1)'), 'readonly', /cannot be written/);
    database.close();
  });

  test('more statements than are kept do not fail, and results stay right', async () => {
    const { database, execute } = connect();
    for (let count = 0; count < 1200; count++) {
      assert.deepEqual(
        (await execute(`select ${count} + ? as it`, 1)).rows.map((row) => ({ ...(row as object) })),
        [{ it: count + 1 }],
      );
    }
    assert.equal((await execute('select 5 + ? as it', 1)).rows.length, 1);
    database.close();
  });

  test('a value that no column holds is refused before it reaches the database', async () => {
    const { database, execute } = connect();
    for (const value of [undefined, {}, new Date(), Symbol('x')]) {
      await assert.rejects(execute('select ?', value), /a column cannot hold/);
    }
    const { rows } = await execute('select ? as yes, ? as big, ? as nul', true, 5n, 'a\0b');
    assert.deepEqual({ ...(rows[0] as object) }, { yes: 1, big: 5, nul: 'a\uFFFDb' });
    database.close();
  });
});
