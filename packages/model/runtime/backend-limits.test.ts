import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backendLimits } from './backend-limits.ts';

test('each side of maxTps has its unit, a second where none is told', () => {
  assert.deepEqual(
    backendLimits({ production: 10, productionTimeUnit: 'MINUTE', sandbox: '5', sandboxTimeUnit: 'HOUR' }),
    { production: { count: 10, timeUnit: 'min' }, sandbox: { count: 5, timeUnit: 'hour' } },
  );
  assert.deepEqual(backendLimits({ production: 10 }), { production: { count: 10, timeUnit: 'sec' } });
  assert.deepEqual(backendLimits({ sandbox: 1, sandboxTimeUnit: 'FORTNIGHT' }), {
    sandbox: { count: 1, timeUnit: 'sec' },
  });
});

test('what is no count of calls bounds nothing', () => {
  const nothing = [undefined, null, 7, [], {}, { production: 0 }, { production: -1, sandbox: 0.5 }, { sandbox: 'x' }];
  for (const maxTps of [...nothing, { production: null }, { production: [] }]) {
    assert.equal(backendLimits(maxTps), undefined, JSON.stringify(maxTps));
  }
});
