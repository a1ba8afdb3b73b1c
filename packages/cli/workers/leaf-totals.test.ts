import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LeafRow } from '@sluice/gateway';
import { LeafCaller } from './leaf-caller.ts';
import { lastWord, tellLeaves } from './leaf-lister.ts';
import { LeafTotals } from './leaf-totals.ts';
import type { LeafAnswer, LeafQuestion } from './messages.ts';

function rowOf(id: string, answers = 0, faults = 0): LeafRow {
  return { id, key: `${id} form`, api: 'a/1', name: id, url: `http://${id}/`, answers, faults };
}

/** A worker with these leaves, which answers until it is stuck. */
class Worker {
  rows: readonly LeafRow[];
  isStuck = false;
  readonly asked: boolean[] = [];
  readonly messages: LeafAnswer[] = [];
  readonly #caller: LeafCaller;

  constructor(...rows: readonly LeafRow[]) {
    this.rows = rows;
    this.#caller = new LeafCaller((question) => this.#hear(question));
  }

  get counted() {
    return this.#caller.counted;
  }

  async leaves(all: boolean) {
    this.asked.push(all);
    const rows = this.#caller.ask(all);
    // What a stuck one does not answer ends with its time; here at once.
    if (this.isStuck) this.#caller.close();
    return rows;
  }

  endInOrder(): void {
    this.#caller.take(structuredClone(lastWord(this.rows)));
  }

  #hear(question: LeafQuestion): void {
    if (this.isStuck) return;
    void tellLeaves(question, this.rows, (answer) => {
      this.messages.push(answer);
      this.#caller.take(structuredClone(answer));
    });
  }
}

async function countsOf(totals: LeafTotals, workers: readonly Worker[]) {
  return (await totals.list(workers)).map(({ id, answers, faults }) => [id, answers, faults]);
}

test('what workers counted adds up, and is not less when one ends, is stuck or begins', async () => {
  const totals = new LeafTotals();
  const first = new Worker(rowOf('x', 3, 1), rowOf('y'), rowOf('z', 1));
  const second = new Worker(rowOf('x', 4), rowOf('y'), rowOf('z'));
  assert.deepEqual(await countsOf(totals, [first, second]), [
    ['x', 7, 1],
    ['y', 0, 0],
    ['z', 1, 0],
  ]);
  assert.deepEqual([first.asked, second.asked], [[true], [false]], 'one says which there are');

  first.rows = [rowOf('x', 5, 1), rowOf('y', 2), rowOf('z', 1)];
  first.endInOrder();
  totals.retire(first);
  const third = new Worker(rowOf('x'), rowOf('y'), rowOf('z'));
  assert.deepEqual(await countsOf(totals, [second, third]), [
    ['x', 9, 1],
    ['y', 2, 0],
    ['z', 1, 0],
  ]);

  second.isStuck = true;
  third.rows = [rowOf('x', 1), rowOf('y'), rowOf('z')];
  assert.deepEqual(await countsOf(totals, [second, third]), [
    ['x', 10, 1],
    ['y', 2, 0],
    ['z', 1, 0],
  ]);
  totals.retire(second);
  assert.deepEqual(await countsOf(totals, [third]), [
    ['x', 10, 1],
    ['y', 2, 0],
    ['z', 1, 0],
  ]);

  third.rows = [rowOf('x', 1)];
  assert.deepEqual(await countsOf(totals, [third]), [['x', 10, 1]]);
  third.rows = [rowOf('x', 1), rowOf('y')];
  assert.deepEqual(
    await countsOf(totals, [third]),
    [
      ['x', 10, 1],
      ['y', 0, 0],
    ],
    'a leaf that went is new when it comes back',
  );
  assert.deepEqual(await countsOf(totals, []), []);
});

test('a worker with many leaves tells them in parts, and those alone that had calls where that is enough', async () => {
  const worker = new Worker(
    ...Array.from({ length: 1201 }, (_, index) => rowOf(`leaf ${index}`, index % 600 === 0 ? 1 : 0)),
  );
  assert.equal((await worker.leaves(true))?.length, 1201);
  assert.deepEqual(
    worker.messages.map(({ rows, isLast }) => [rows.length, isLast]),
    [
      [500, false],
      [500, false],
      [201, true],
    ],
  );
  assert.deepEqual(
    (await worker.leaves(false))?.map(({ id }) => id),
    ['leaf 0', 'leaf 600', 'leaf 1200'],
  );
});
