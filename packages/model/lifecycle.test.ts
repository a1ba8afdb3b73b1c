import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LifecycleStatus } from './api.ts';
import { availableTransitions, checklistItems, lifecycleTitle, parseChecklist, transition } from './lifecycle.ts';

const statuses: LifecycleStatus[] = ['CREATED', 'PUBLISHED', 'PROTOTYPED', 'BLOCKED', 'DEPRECATED', 'RETIRED'];

test('an event leads where the list of events says, and nowhere from a state that does not list it', () => {
  const events = new Set(statuses.flatMap((status) => availableTransitions(status).map(({ event }) => event)));
  for (const status of statuses) {
    const listed = new Map(availableTransitions(status).map(({ event, target }) => [event, target]));
    for (const event of [...events, 'publish', '', 'constructor']) {
      assert.equal(transition(status, event), listed.get(event), `${event} from ${status}`);
    }
  }
});

test('an API can be published, blocked, published again, deprecated and retired, and no further', () => {
  let status: LifecycleStatus | undefined = 'CREATED';
  for (const event of ['Publish', 'Block', 'Re-Publish', 'Deprecate', 'Retire']) {
    status = status && transition(status, event);
  }
  assert.equal(status, 'RETIRED');
  assert.deepEqual(availableTransitions('RETIRED'), []);
  assert.equal(lifecycleTitle('RETIRED'), 'Retired');
});

test('only known items of a checklist that are switched on count', () => {
  const { deprecateOld, requireResubscription } = checklistItems;
  assert.deepEqual(
    [...parseChecklist(`${deprecateOld}:true, ${requireResubscription}:TRUE`)],
    [deprecateOld, requireResubscription],
  );
  assert.deepEqual([...parseChecklist(`${deprecateOld}:false,${requireResubscription},Fly:true,,:`)], []);
});
