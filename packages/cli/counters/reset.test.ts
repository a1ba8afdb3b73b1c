import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counterName, type Limit, MachineAuthority, systemClock } from '@sluice/throttle';
import { MachineDesk, type ResetWays } from './desk.ts';

const perDay: Limit = { amount: 9, measure: 'calls', window: { kind: 'aligned', unit: 'day', count: 1 } };
const mary = counterName('application', perDay, 'mary');

/** A desk over an authority of which mary has used five units. */
function desk(ways: Partial<ResetWays>) {
  const authority = new MachineAuthority({ clock: systemClock });
  const request = { counter: mary, limit: perDay, needed: 5, owed: 0, returned: 0, window: 0 };
  authority.connect('worker 1').request([request], () => {});
  const here: string[] = [];
  const made = new MachineDesk(authority, { onReset: (counter) => here.push(counter), ...ways });
  return { made, here, used: () => authority.find(mary)?.used };
}

test('a counter that gateways share is reset at none of them where the others cannot be told, and the reason is said', async () => {
  const { made, here, used } = desk({ tellOthers: () => Promise.reject(new Error('Redis is away')) });
  await assert.rejects(made.reset(mary), {
    message: /cannot be told that application.*mary is reset \(Redis is away\)/,
  });
  assert.deepEqual([used(), here], [5, []]);
});

test('a counter that only another gateway has counted can be reset here; what is no counter is none', async () => {
  const told: string[] = [];
  const { made, here, used } = desk({ tellOthers: async (counter) => void told.push(counter) });
  const carol = counterName('application', perDay, 'carol');
  assert.deepEqual(
    [await made.reset(carol), await made.reset(mary), await made.reset('nonsense')],
    [true, true, false],
  );
  assert.deepEqual([told, here, used()], [[carol, mary], [mary], 0]);
});

test('a counter of this machine alone that nobody has counted is not said to be reset', async () => {
  const { made, here } = desk({});
  assert.deepEqual([await made.reset('application/calls/1day/carol'), await made.reset(mary)], [false, true]);
  assert.deepEqual(here, [mary]);
});
