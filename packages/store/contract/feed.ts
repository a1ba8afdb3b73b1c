import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from '../store.ts';
import type { Fixture } from './contract.ts';
import { samplePlan, unique } from './samples.ts';

const append = (store: Pick<Store, 'organization'>, id: string, environment: string | null = null) =>
  store.organization('carbon.super').feed.append({ environment, kind: 'plan', id, value: null });

/** Resolves when the feed's watcher is called. */
const woken = (store: Store): Promise<void> =>
  new Promise((resolve) => {
    const stop = store.system.feed.watch(() => {
      stop();
      resolve();
    });
  });

export function feedContract(fixture: Fixture): void {
  const feed = () => fixture.store.system.feed;

  test('events come in order, with what they carried, for one environment and for all', async () => {
    const store = fixture.store;
    const start = await feed().head();
    const plan = samplePlan('carbon.super');
    const all = await store
      .organization('carbon.super')
      .feed.append({ environment: null, kind: 'plan', id: plan.id, value: plan });
    const europe = await append(store, 'eu', 'Europe');
    const asia = await append(store, 'as', 'Asia');
    assert.deepEqual([all, europe, asia], [start + 1, start + 2, start + 3]);
    assert.deepEqual(await feed().after(start, 'Europe', 10), [
      { sequence: all, environment: null, kind: 'plan', id: plan.id, value: plan },
      { sequence: europe, environment: 'Europe', kind: 'plan', id: 'eu', value: null },
    ]);
    assert.deepEqual(
      (await feed().after(start, 'Asia', 1)).map((it) => it.sequence),
      [all],
    );
    assert.deepEqual(await feed().after(asia, 'Asia', 10), []);
    assert.equal(await feed().head(), asia);
  });

  test('an event of a transaction that rolled back was never there, and its number is not lost', async () => {
    const start = await feed().head();
    const failing = fixture.store.transaction(async (tx) => {
      assert.equal(await append(tx, 'lost'), start + 1);
      throw new Error('changed my mind');
    });
    await assert.rejects(failing, /changed my mind/);
    assert.equal(await feed().head(), start);
    assert.equal(await append(fixture.store, 'kept'), start + 1);
  });

  test('a reader never sees an event before the one that precedes it, with writers in several processes', async () => {
    const stores = [fixture.store, await fixture.database.another(), await fixture.database.another()] as const;
    const start = await feed().head();
    let writing = true;
    const write = async (store: Store, name: string) => {
      for (let count = 0; count < 15; count++) {
        if (count % 3 === 0) await append(store, `${name} ${count}`);
        else {
          await store.transaction(async (tx) => {
            await append(tx, `${name} ${count} first`);
            for (let yields = Math.random() * 10; yields > 0; yields--) await turn();
            await append(tx, `${name} ${count} second`);
          });
        }
      }
    };
    const read = async (store: Store): Promise<number[]> => {
      const seen: number[] = [];
      for (let last = false; ; ) {
        const events = await store.system.feed.after(seen.at(-1) ?? start, 'Default', 3);
        seen.push(...events.map((event) => event.sequence));
        if (events.length === 0 && last) return seen;
        last = !writing;
        await turn();
      }
    };
    const readers = stores.map(read);
    await Promise.all(stores.flatMap((store, index) => [write(store, `${index}a`), write(store, `${index}b`)]));
    writing = false;
    // 6 writers of 15 rounds, 10 of which bring two events.
    const expected = Array.from({ length: 150 }, (_, index) => start + 1 + index);
    for (const seen of await Promise.all(readers)) assert.deepEqual(seen, expected);
  });

  test('a watcher is woken after the commit and sees the event', async () => {
    const start = await feed().head();
    // A wake may still be due for what an earlier test committed: one too many is allowed, none too few.
    const heard = (async () => {
      let head = start;
      while (head === start) head = await woken(fixture.store).then(feed().head);
      return head;
    })();
    await fixture.store.transaction((tx) => append(tx, 'x'));
    assert.equal(await heard, start + 1);
  });

  test('a watcher that throws keeps neither the others nor the writer from going on', async () => {
    const stop = feed().watch(() => {
      throw new Error('bad watcher');
    });
    const other = woken(fixture.store);
    await append(fixture.store, 'x');
    await other;
    stop();
  });

  test('a watcher hears of commits of another process soon', async () => {
    const elsewhere = await fixture.database.another();
    const heard = woken(fixture.store);
    const start = performance.now();
    await append(elsewhere, unique('far'));
    await heard;
    assert.ok(performance.now() - start < 3000, 'the budget is one second; more is a loaded machine');
  });

  test('pruning raises the floor, never past the head, and never lowers it', async () => {
    const before = await feed().floor();
    const last = await append(fixture.store, 'last');
    assert.equal(await feed().prune(last - 1), last - 1 - before);
    assert.equal(await feed().floor(), last - 1);
    assert.equal(await feed().prune(1), 0);
    assert.equal(await feed().floor(), last - 1);
    assert.equal(await feed().prune(last + 100), 1);
    assert.equal(await feed().floor(), last);
    assert.equal(await feed().head(), last);
    assert.equal(await append(fixture.store, 'next'), last + 1);
  });
}
