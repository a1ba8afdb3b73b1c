import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable, runCases } from './results.ts';
import type { Suite, SuiteCase } from './suite.ts';

const rows: SuiteCase[] = ['slow', 'bad', 'quick'].map((id) => ({ id, section: 'RFC 0 §1', title: `${id} is seen` }));

/** A suite in which `slow` ends after `quick`, and `bad` fails. */
function suite(close: () => Promise<void>): Suite<SuiteCase> {
  const quick = Promise.withResolvers<void>();
  return {
    cases: rows,
    concurrency: 3,
    start: async () => ({
      async run({ id }) {
        if (id === 'slow') await quick.promise;
        if (id === 'bad') throw new Error('it was bad');
        quick.resolve();
      },
      close,
    }),
  };
}

test('results come in the order of the table, whichever case ends first', async () => {
  const results = await runCases(
    suite(async () => {}),
    rows,
  );
  assert.deepEqual(
    results.map(({ id, result, error }) => [id, result, error]),
    [
      ['slow', 'pass', null],
      ['bad', 'FAIL', 'it was bad'],
      ['quick', 'pass', null],
    ],
  );
  const text = formatTable(results);
  assert.match(text, /^case {3}section {3}guards against {2}result {2}ms\n/);
  assert.match(text, /\nbad {4}RFC 0 §1 {2}bad is seen {5}FAIL/);
  assert.match(text, /\nbad: it was bad\n\n3 cases, 2 passed, 1 failed\n$/);
});

test('what cases leave behind is a failure too', async () => {
  const results = await runCases(
    suite(() => Promise.reject(new Error('a connection is open'))),
    rows.slice(2),
  );
  assert.deepEqual(
    results.map(({ id, result, error }) => [id, result, error]),
    [
      ['quick', 'pass', null],
      ['afterwards', 'FAIL', 'a connection is open'],
    ],
  );
});
