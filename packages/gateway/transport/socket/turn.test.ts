import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { readHandled, writeAtEndOfTurn } from './turn.ts';

/** Something that waits, and counts how often it was written. */
function waiting() {
  const one = { flushed: 0, flush: () => void one.flushed++ };
  return one;
}

test('what waits is written once, when the turn ends, and not again with what waits in the next', async () => {
  const [one, other] = [waiting(), waiting()];
  writeAtEndOfTurn(one);
  writeAtEndOfTurn(other);
  assert.deepEqual([one.flushed, other.flushed], [0, 0]);
  await nextTurn();
  assert.deepEqual([one.flushed, other.flushed], [1, 1]);
  writeAtEndOfTurn(other);
  await nextTurn();
  assert.deepEqual([one.flushed, other.flushed], [1, 2]);
});

test('a turn with many reads does not keep what waits until its end', async () => {
  await nextTurn();
  const one = waiting();
  writeAtEndOfTurn(one);
  for (let read = 1; read < 64; read++) readHandled();
  assert.equal(one.flushed, 0);
  readHandled();
  assert.equal(one.flushed, 1);
  const next = waiting();
  writeAtEndOfTurn(next);
  readHandled();
  assert.equal(next.flushed, 0, 'the reads are counted anew');
  await nextTurn();
});

test('what waits goes before the next piece of long work that goes on at the end of turns', async () => {
  const order: string[] = [];
  const work = (async () => {
    for (let piece = 0; piece < 5; piece++) {
      await nextTurn();
      order.push('work');
    }
  })();
  await nextTurn();
  await new Promise<void>((resolve) =>
    setTimeout(() => {
      const before = order.length;
      writeAtEndOfTurn({
        flush: () => {
          assert.equal(order.length, before, 'no piece of work came between');
          order.push('write');
        },
      });
      resolve();
    }, 0),
  );
  await work;
  await nextTurn();
  assert.ok(order.includes('write'));
});

test('a process that ends in the middle of a turn writes what waits, and waiting for turns to end keeps none alive', async () => {
  const turn = new URL('turn.ts', import.meta.url).href;
  const run = (code: string) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', `import * as turn from '${turn}';${code}`]);
  const said = await run(
    "import { writeSync } from 'node:fs'; turn.writeAtEndOfTurn({ flush: () => writeSync(1, 'written') }); process.exit(0);",
  );
  assert.equal(said.stdout, 'written');
  assert.equal((await run('')).stdout, '');
});
