import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LeafEndpoint, silentLog } from '@sluice/model';
import { holdClock, letClockRun } from '../deadlines/clock.ts';
import { leaf } from '../testing/entities.ts';
import { until } from '../testing/until.ts';
import { LeafRecords } from './leaf-records.ts';

test('a backend that dies with many calls is worth a few lines, and the next one counts the others', async () => {
  const said: [string, Record<string, unknown>][] = [];
  const note = (message: string, fields?: unknown) => void said.push([message, fields as Record<string, unknown>]);
  const records = new LeafRecords({ ...silentLog, warn: note, info: note });
  const deployment = records.deploy({ id: 'a', label: 'orders/1.0.0' });
  const record = deployment.of(leaf('http://b/') as LeafEndpoint, false);
  deployment.commit();
  holdClock();
  try {
    for (let call = 0; call < 100; call++) record.failed(101505, 'backend-closed');
  } finally {
    letClockRun();
  }
  assert.equal(said.length, 3);
  assert.deepEqual(said[0]?.[1].reason, 'backend-closed');
  const begun = performance.now();
  await until(() => performance.now() - begun > 1000, 'a second is over');
  record.failed(101505, 'backend-closed');
  assert.deepEqual(
    said.map(([, { changesBefore }]) => changesBefore),
    [undefined, undefined, undefined, 97],
  );
});
