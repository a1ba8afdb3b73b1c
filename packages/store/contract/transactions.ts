import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConflictError, NestedUseError } from '../errors.ts';
import type { StoreTransaction } from '../store.ts';
import type { Fixture } from './contract.ts';
import { rejectsUnavailable } from './expect.ts';
import { sampleApi, samplePlan, unique } from './samples.ts';

export function transactionContract(fixture: Fixture): void {
  const tenant = () => fixture.store.organization(unique('org'));

  test('work that throws leaves nothing behind, in any organization', async () => {
    const [one, two] = [tenant(), tenant()];
    const failing = fixture.store.transaction(async (tx) => {
      await tx.organization(one.organization).plans.create(samplePlan(one.organization));
      await tx.organization(two.organization).apis.create(sampleApi(two.organization), 'x');
      await tx.system.values.set(one.organization, true);
      throw new Error('no');
    });
    await assert.rejects(failing, /^Error: no$/);
    assert.deepEqual(await one.plans.list('subscription'), []);
    assert.equal((await two.apis.list({ terms: [] }, { offset: 0, limit: 1 })).total, 0);
    assert.equal(await fixture.store.system.values.get(one.organization), undefined);
  });

  test('nobody outside sees what is not committed', async () => {
    const store = tenant();
    const plan = samplePlan(store.organization);
    let written = (): void => {};
    let go = (): void => {};
    const isWritten = new Promise<void>((resolve) => (written = resolve));
    const mayGo = new Promise<void>((resolve) => (go = resolve));
    const running = fixture.store.transaction(async (tx) => {
      await tx.organization(store.organization).plans.create(plan);
      assert.deepEqual(await tx.organization(store.organization).plans.get(plan.id), plan);
      written();
      await mayGo;
    });
    await isWritten;
    assert.equal(await store.plans.get(plan.id), undefined);
    go();
    await running;
    assert.deepEqual(await store.plans.get(plan.id), plan);
  });

  test('transactions that read and then write do not lose each other’s updates, also from several processes', async () => {
    const name = unique('counter');
    const stores = [fixture.store, await fixture.database.another()];
    const increment = (store: typeof fixture.store) =>
      store.transaction(async (tx) => {
        const value = ((await tx.system.values.get(name)) ?? 0) as number;
        await turn();
        await tx.system.values.set(name, value + 1);
      });
    await Promise.all(Array.from({ length: 30 }, (_, index) => increment(stores[index % 2] as typeof fixture.store)));
    assert.equal(await fixture.store.system.values.get(name), 30);
  });

  test('after a conflict the transaction goes on, without the step that failed', async () => {
    const store = tenant();
    const api = sampleApi(store.organization);
    await fixture.store.transaction(async (tx) => {
      const within = tx.organization(store.organization);
      await within.apis.create(api, 'first');
      await assert.rejects(within.apis.create({ ...api, id: 'other', context: '/o' }, 'second'), ConflictError);
      await assert.rejects(within.plans.create({ ...samplePlan(store.organization), name: 'x'.repeat(300) }));
      await within.plans.create(samplePlan(store.organization));
    });
    assert.equal(await store.apis.definition(api.id), 'first');
    assert.equal(await store.apis.definition('other'), undefined);
    assert.equal((await store.plans.list('subscription')).length, 1);
  });

  test('steps that run side by side in one transaction do not disturb each other', async () => {
    const store = tenant();
    const taken = samplePlan(store.organization, { name: 'taken' });
    await store.plans.create(taken);
    const results = await fixture.store.transaction((tx) => {
      const { plans, apis } = tx.organization(store.organization);
      return Promise.allSettled(
        Array.from({ length: 12 }, (_, index) =>
          index % 3 === 0
            ? plans.create(samplePlan(store.organization, { name: 'taken' }))
            : index % 3 === 1
              ? plans.create(samplePlan(store.organization))
              : apis.create(sampleApi(store.organization), ''),
        ),
      );
    });
    assert.deepEqual(
      results.map((it) => it.status === 'fulfilled'),
      results.map((_, index) => index % 3 !== 0),
    );
    assert.equal((await store.plans.list('subscription')).length, 5);
    assert.equal((await store.apis.list({ terms: [] }, { offset: 0, limit: 1 })).total, 4);
  });

  test('using the outer store inside its transaction fails at once instead of waiting for itself', async () => {
    const store = tenant();
    await fixture.store.transaction(async () => {
      await assert.rejects(store.plans.list('subscription'), NestedUseError);
      await assert.rejects(store.plans.create(samplePlan(store.organization)), NestedUseError);
      await assert.rejects(store.apis.create(sampleApi(store.organization), ''), NestedUseError);
      await assert.rejects(
        fixture.store.transaction(async () => undefined),
        NestedUseError,
      );
    });
    await store.plans.create(samplePlan(store.organization));
  });

  test('a transaction that ended refuses to be used', async () => {
    let kept: StoreTransaction | undefined;
    await fixture.store.transaction(async (tx) => {
      kept = tx;
    });
    await assert.rejects(async () => kept?.system.values.set('late', true), /over/);
    assert.equal(await fixture.store.system.values.get('late'), undefined);
  });

  test('a step nobody waited for is still part of its transaction', async () => {
    const name = unique('floating');
    await fixture.store.transaction(async (tx) => {
      void tx.system.values.set(name, 1);
    });
    assert.equal(await fixture.store.system.values.get(name), 1);
  });

  test('a lock held by another process is waited for without holding up the program, then named; nothing is lost', async () => {
    const store = await fixture.database.another({ lockWaitMillis: 300 });
    const name = unique('locked');
    const release = await fixture.database.lock();
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 10);
    try {
      await rejectsUnavailable(
        store.transaction((tx) => tx.system.values.set(name, 1)),
        'locked',
      );
    } finally {
      clearInterval(ticking);
      await release();
    }
    assert.ok(ticks > 5, `the event loop turned ${ticks} times`);
    assert.equal(await store.system.values.get(name), undefined);
    await store.transaction((tx) => tx.system.values.set(name, 2));
    assert.equal(await store.system.values.get(name), 2);
  });

  test('a short lock is waited out', async () => {
    const name = unique('waited');
    const release = await fixture.database.lock();
    const write = fixture.store.transaction((tx) => tx.system.values.set(name, 1));
    setTimeout(release, 50);
    await write;
    assert.equal(await fixture.store.system.values.get(name), 1);
  });
}
