import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suite } from './suite.ts';

test('every case of the table can be told from the others and names a rule', () => {
  assert.equal(new Set(suite.cases.map(({ id }) => id)).size, suite.cases.length);
  for (const { id, section, title } of suite.cases) {
    assert.match(id, /^[a-z0-9-]+\/[a-z0-9.-]+$/);
    assert.match(section, /^(WSO2 \d(\.\d+)?(, \d(\.\d+)?)*|issue 4\.\d|design \d|RFC \d{4} §\d+(\.\d+)*)$/, id);
    assert.ok(title.length > 10, id);
  }
});

// The table that `npm run conformance -- endpoints` prints, case by case.
test('endpoints keep to their table', { concurrency: suite.concurrency }, async (t) => {
  const run = await suite.start();
  await Promise.all(suite.cases.map((one) => t.test(`${one.section} ${one.id}: ${one.title}`, () => run.run(one))));
  await run.close();
});
