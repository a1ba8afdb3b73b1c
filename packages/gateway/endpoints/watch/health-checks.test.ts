import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type LeafEndpoint, silentLog } from '@sluice/model';
import { leaf } from '../../testing/entities.ts';
import type { Backends, Borrower } from '../../transport/backend-pool.ts';
import type { Leaf } from '../leaf.ts';
import { LeafRecords } from '../leaf-records.ts';
import { HealthChecks } from './health-checks.ts';

const rule = { path: '/up', interval: 0, timeout: 60_000, healthyAfter: 1, unhealthyAfter: 1 };

/** The checks of one leaf, which ask when the timers of the test run and fail when the test says so. */
function staged(t: TestContext, user: string | null = null) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const records = new LeafRecords(silentLog);
  const deployment = records.deploy({ id: 'api-1', label: 'orders/1.0.0' });
  const record = deployment.of(leaf('http://127.0.0.1:1') as LeafEndpoint, true);
  deployment.commit();
  const asking: Borrower[] = [];
  const backends = { borrow: (_: unknown, borrower: Borrower) => void asking.push(borrower), withdraw: () => {} };
  const checks = new HealthChecks(backends as unknown as Backends, records);
  const member = { record, probe: () => ({ lines: '' }) } as unknown as Leaf;
  checks.watch(member, rule, user);
  const fail = async () => {
    for (const borrower of asking.splice(0)) borrower.borrowFailed({ kind: 'reset', message: '' } as never);
    await new Promise(setImmediate);
  };
  return { checks, member, record, asking, fail, tick: () => t.mock.timers.tick(50) };
}

test('a check that fails gives its member a rest; none begins while it is under way', async (t) => {
  const { record, asking, fail, tick } = staged(t);
  tick();
  tick();
  assert.equal(asking.length, 1);
  await fail();
  assert.equal(record.state.facts.status, 'suspended');
});

test('a check that is under way when the gateway ends says nothing about its member, and no further one begins', async (t) => {
  const { checks, member, record, asking, fail, tick } = staged(t);
  tick();
  checks.close();
  await fail();
  assert.equal(record.state.facts.status, 'active');
  checks.watch(member, rule, null);
  tick();
  assert.equal(asking.length, 0);
});

test('a check by a rule that no longer holds says nothing about its member', async (t) => {
  const { checks, member, record, fail, tick } = staged(t);
  tick();
  checks.watch(member, null, null);
  await fail();
  assert.equal(record.state.facts.status, 'active');
});

test('a leaf that APIs share is checked as long as one of them wants it, whatever the others say, and let go then', async (t) => {
  const { checks, member, record, asking, fail, tick } = staged(t, 'api-1');
  checks.watch(member, rule, 'api-2');
  checks.watch(member, null, 'api-3');
  checks.release('api-1');
  tick();
  assert.equal(asking.length, 1);
  await fail();
  assert.equal(record.state.facts.status, 'suspended');
  checks.release('api-2');
  tick();
  assert.deepEqual([asking.length, record.state.facts.status], [0, 'active']);
});
