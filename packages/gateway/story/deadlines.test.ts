import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors } from '@sluice/model';
import type { Leaf } from '../endpoints/leaf.ts';
import { LeafDeadlines } from '../endpoints/leaf-deadlines.ts';
import { leaf } from '../testing/entities.ts';
import { completeTimeouts } from '../transport/options.ts';
import { AttemptDeadlines } from './deadlines.ts';
import type { AttemptNote } from './notes.ts';

const timeouts = completeTimeouts({
  ...{ connect: 100, backendWriteIdle: 200, clientBodyIdle: 250, firstByte: 300, backendBodyIdle: 400, global: 350 },
});
const origin = { kind: 'file', file: 'deployment.toml', line: 4 } as const;
const deadlines = new AttemptDeadlines(timeouts, {
  'first-byte': { value: 300, setting: 'http.socket.timeout', origin },
});

/** An attempt that ended in this state; the connection stood at 10 ms and moved last at 50 ms. */
function attempt(phase: number, more: Partial<AttemptNote> = {}, endpoint = leaf('http://b1')): AttemptNote {
  if (!('url' in endpoint)) throw new Error('a leaf is wanted');
  const own = new LeafDeadlines(endpoint, { label: 'orders/1.0.0' }, timeouts.global);
  return {
    leaf: { name: 'prod', deadlines: own } as Leaf,
    route: { host: 'b1', port: 80, tls: null },
    ...{ timeout: 0, global: undefined, began: 0, ended: 60, status: 0, firstByte: 0 },
    stand: { phase, elapsed: 60, connection: phase === 0 ? null : { connected: 10, active: 50 } },
    ...{ fault: null, wentOn: false, stayed: null },
    ...more,
  };
}

const brief = (note: AttemptNote) => deadlines.pending(note).map(({ name, at }) => [name, at]);

test('what would have fired next is what was armed in that phase, the earliest first', () => {
  assert.deepEqual(brief(attempt(0)), [
    ['connect', 100],
    ['global', 350],
  ]);
  assert.deepEqual(brief(attempt(2)), [
    ['backend-write-idle', 250],
    ['client-body-idle', 300],
    ['global', 350],
  ]);
  assert.deepEqual(brief(attempt(3)), [
    ['first-byte', 350],
    ['global', 350],
  ]);
  assert.deepEqual(brief(attempt(5)), [['backend-body-idle', 450]]);
});

test("an endpoint's duration stands in the place of the global one, and a bound of its own in that of the gateway's", () => {
  const own = leaf('http://b1', { timeout: { duration: 40, action: 'fault' }, timeouts: { firstByte: 900 } });
  const [first, second, ...others] = deadlines.pending(attempt(3, { timeout: 40 }, own));
  assert.deepEqual(first, {
    ...{ name: 'endpoint', value: 40, at: 40, setting: 'config.actionDuration' },
    origin: 'API orders/1.0.0 prod config.actionDuration',
  });
  assert.deepEqual(second, {
    ...{ name: 'first-byte', value: 900, at: 950, setting: 'config.timeouts.firstByte' },
    origin: 'API orders/1.0.0 prod config.timeouts.firstByte',
  });
  assert.deepEqual(others, []);
});

test('the deadline that fired is not told as the next one, and comes from where it is set', () => {
  const deadline = { name: 'first-byte', value: 300, setting: '' };
  const row = { entry: errors.backendSocketTimeout, code: 101507, message: '', replayable: true };
  const late = attempt(3, { fault: { ...row, deadline } });
  assert.deepEqual(brief(late), [['global', 350]]);
  assert.deepEqual(deadlines.fired(late), {
    ...{ name: 'first-byte', value: 300, at: 60, setting: 'http.socket.timeout', origin: 'deployment.toml:4' },
  });
});

test('a duration that the call itself has said is told with its own value', () => {
  const [, next] = deadlines.pending(attempt(3, { timeout: 770 }));
  assert.deepEqual([next?.name, next?.value], ['endpoint', 770]);
});
