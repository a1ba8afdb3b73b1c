import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { rejectsUnavailable } from '../contract/expect.ts';
import { sampleApi, samplePlan } from '../contract/samples.ts';
import { openStore, type Store } from '../index.ts';

const organization = 'carbon.super';
const run = promisify(execFile);

describe('sqlite engine', () => {
  let folder: string;
  let files = 0;
  const newFile = () => join(folder, `${++files}.db`);
  const withStore = async (work: (store: Store, file: string) => Promise<void>) => {
    const file = newFile();
    const store = await openStore({ engine: 'sqlite', file });
    try {
      await work(store, file);
    } finally {
      await store.close();
    }
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-sqlite-'));
  });
  after(() => rm(folder, { recursive: true }));

  test('nobody but the owner can read the files, which hold password hashes', () =>
    withStore(async (store, file) => {
      await store.system.values.set('x', 1);
      for (const suffix of ['', '-wal', '-shm']) {
        assert.equal(statSync(file + suffix).mode & 0o777, 0o600, suffix);
      }
    }));

  test('the file is in write-ahead mode with foreign keys sound and no damage', () =>
    withStore(async (store, file) => {
      await store.organization(organization).apis.create(sampleApi(organization), 'x');
      const database = new DatabaseSync(file, { readOnly: true });
      const answer = (pragma: string) => Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0];
      assert.equal(answer('journal_mode'), 'wal');
      assert.equal(answer('integrity_check'), 'ok');
      assert.equal(answer('foreign_key_check'), undefined);
      database.close();
    }));

  test('a file that is no database, or cannot be made, is named in the error', async () => {
    const file = newFile();
    writeFileSync(file, 'not a database '.repeat(1000));
    await rejectsUnavailable(openStore({ engine: 'sqlite', file }), 'away', /damaged or not a database/);
    const below = join(file, 'sluice.db');
    await rejectsUnavailable(openStore({ engine: 'sqlite', file: below }), 'away', new RegExp(`${below}: it cannot`));
  });

  test('a disk that is full is named, what was acknowledged stays, and writing goes on once there is room', () =>
    withStore(async (store, file) => {
      const plans = store.organization(organization).plans;
      const bulky = () => samplePlan(organization, { description: 'x'.repeat(20_000) });
      await plans.create(bulky());
      // What a quota does: files of this process may grow to twice what the log has now, no further.
      await limitFileSize(statSync(`${file}-wal`).size * 2);
      const acknowledged: string[] = [];
      try {
        const filling = async () => {
          for (;;) {
            const plan = bulky();
            await plans.create(plan);
            acknowledged.push(plan.id);
          }
        };
        await rejectsUnavailable(filling(), 'full');
        const several = store.transaction(async (tx) => {
          await tx.system.values.set('lost', true);
          for (let count = 0; count < 50; count++) await tx.organization(organization).plans.create(bulky());
        });
        await rejectsUnavailable(several, 'full');
        assert.equal((await plans.list('subscription')).length, acknowledged.length + 1, 'reading goes on');
      } finally {
        await limitFileSize('unlimited');
      }
      assert.ok(acknowledged.length > 0);
      assert.equal(await store.system.values.get('lost'), undefined);
      const late = bulky();
      await plans.create(late);
      for (const id of [...acknowledged, late.id]) assert.ok(await plans.get(id));
    }));

  test('a watcher is not woken before the commit, nor by a rollback, nor after it left', () =>
    withStore(async (store) => {
      const append = (from: Pick<Store, 'organization'>) =>
        from.organization(organization).feed.append({ environment: null, kind: 'plan', id: 'x', value: null });
      let wakes = 0;
      const leave = store.system.feed.watch(() => wakes++);
      await store.transaction(async (tx) => {
        await append(tx);
        await new Promise((resolve) => setTimeout(resolve, 5));
        assert.equal(wakes, 0);
      });
      assert.equal(wakes, 1);
      const undone = store.transaction(async (tx) => {
        await append(tx);
        throw new Error('no');
      });
      await assert.rejects(undone, /no/);
      assert.equal(wakes, 1);
      leave();
      await append(store);
      assert.equal(wakes, 1);
    }));

  test('a long loop of statements does not hold up timers', () =>
    withStore(async (store) => {
      let ticks = 0;
      const ticking = setInterval(() => ticks++, 1);
      const end = performance.now() + 300;
      while (performance.now() < end) {
        await store.system.values.get('x');
        await store.system.values.set('x', 1);
      }
      clearInterval(ticking);
      assert.ok(ticks >= 5, `timers ran ${ticks} times in 300 ms`);
    }));

  test('a writer that never pauses does not starve another process', () =>
    withStore(async (store, file) => {
      let writing = true;
      const busy = async () => {
        while (writing) await store.system.values.set('busy', 1);
      };
      const hammering = Promise.all([busy(), busy(), busy()]);
      const script = `
        const { openStore } = await import(${JSON.stringify(import.meta.resolve('../index.ts'))});
        const store = await openStore({ engine: 'sqlite', file: process.argv[1], lockWaitMillis: 2000 });
        for (let count = 0; count < 5; count++) await store.system.values.set('other', count);
        await store.close();`;
      try {
        await run(process.execPath, ['--input-type=module', '-e', script, file]);
      } finally {
        writing = false;
        await hammering;
      }
      assert.equal(await store.system.values.get('other'), 4);
    }));
});

/** Bounds the size of every file this process writes; beyond it a write fails as on a full disk. */
const limitFileSize = (bytes: number | 'unlimited') =>
  run('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
