import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NewerDatabaseError } from '../errors.ts';
import type { Fixture } from './contract.ts';
import { samplePlan } from './samples.ts';

export function openingContract(fixture: Fixture): void {
  test('starters that meet on an empty database all get the same, upgraded once', async () => {
    const { open } = await fixture.database.blank();
    const stores = await Promise.all(Array.from({ length: 5 }, open));
    const plan = samplePlan('carbon.super');
    await stores[0]?.organization('carbon.super').plans.create(plan);
    for (const store of stores) {
      assert.deepEqual(await store.organization('carbon.super').plans.get(plan.id), plan);
      assert.equal(await store.system.feed.head(), 0);
      await store.close();
    }
  });

  test('a database of a newer program is refused with both versions and the remedy, and left alone', async () => {
    const { open, execute } = await fixture.database.blank();
    const store = await open();
    await store.system.values.set('kept', true);
    await store.close();
    await execute("insert into schema_version (version, name, applied_time) values (99, 'from the future', 0)");
    await assert.rejects(open(), (error) => {
      assert.ok(error instanceof NewerDatabaseError);
      assert.deepEqual([error.databaseVersion, error.programVersion], [99, 3]);
      assert.match(error.message, /version 99.*up to 3.*newer Sluice/);
      return true;
    });
    await execute('delete from schema_version where version = 99');
    const again = await open();
    assert.equal(await again.system.values.get('kept'), true);
    await again.close();
  });

  test('closing waits for the transaction that runs, and then refuses all use', async () => {
    const { open } = await fixture.database.blank();
    const store = await open();
    const running = store.transaction(async (tx) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await tx.system.values.set('late', 1);
    });
    await Promise.all([store.close(), store.close(), running]);
    await assert.rejects(store.system.values.get('late'), /the store is closed/);
    await assert.rejects(store.ping(), /the store is closed/);
    const again = await open();
    assert.equal(await again.system.values.get('late'), 1);
    await again.ping();
    await again.close();
  });
}
