import { test } from 'node:test';
import { suite } from './suite.ts';

// The table that `npm run conformance -- transport` prints, case by case.
test('the transport keeps to its table', { concurrency: suite.concurrency }, async (t) => {
  const run = await suite.start();
  await Promise.all(suite.cases.map((one) => t.test(`${one.section} ${one.id}: ${one.title}`, () => run.run(one))));
  await run.close();
});
