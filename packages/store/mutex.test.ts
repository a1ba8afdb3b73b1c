import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { rejectsUnavailable } from './contract/expect.ts';
import { Mutex } from './mutex.ts';

describe('mutex', () => {
  test('works run one at a time and in order, whether they fail or not', async () => {
    const mutex = new Mutex();
    const order: string[] = [];
    const work = (index: number) =>
      mutex.run(async () => {
        order.push(`${index} in`);
        await turn();
        order.push(`${index} out`);
        if (index === 1) throw new Error('one failed');
      });
    const results = await Promise.allSettled([0, 1, 2].map(work));
    assert.deepEqual(order, ['0 in', '0 out', '1 in', '1 out', '2 in', '2 out']);
    assert.deepEqual(
      results.map((it) => it.status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  test('who waited too long is told so and does not run later; the others do', async () => {
    const mutex = new Mutex();
    let release = (): void => {};
    const holding = mutex.run(() => new Promise<void>((resolve) => (release = resolve)));
    let ran = false;
    const impatient = mutex.run(async () => {
      ran = true;
    }, 10);
    const patient = mutex.run(async () => 'done', 10_000);
    await rejectsUnavailable(impatient, 'locked', /waited 10 ms/);
    release();
    await holding;
    assert.equal(await patient, 'done');
    assert.equal(ran, false);
  });
});
