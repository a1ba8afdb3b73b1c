import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonic } from '../../deadlines/clock.ts';
import type { SessionNews } from './session-table.ts';
import { SessionTables } from './session-tables.ts';

function tablesThatHear() {
  let take: (news: readonly SessionNews[]) => void = () => {};
  const watch = (listener: typeof take) => {
    take = listener;
  };
  const tables = new SessionTables({ timeout: 60_000, most: 10 }, { tell: () => {}, watch });
  return { tables, hear: (table: string, key: string) => take([{ table, key, member: 'a' }]) };
}

test('sessions that are heard of before their group wait for that group, whichever others come first', () => {
  const { tables, hear } = tablesThatHear();
  hear('one/prod http ', 'k1');
  hear('two/prod http ', 'k2');
  const two = tables.of('two', 'prod', 'http', null);
  assert.equal(two.find('k1', monotonic()), undefined);
  assert.equal(two.find('k2', monotonic()), 'a');
  assert.equal(tables.of('one', 'prod', 'http', null).find('k1', monotonic()), 'a');
});

test('with an API go its sessions, and what was heard for groups that it never had here', () => {
  const { tables, hear } = tablesThatHear();
  hear('one/prod soap ', 'k1');
  tables.of('one', 'prod', 'http', null).bind('k2', 'b', monotonic());
  tables.forget('one');
  assert.equal(tables.of('one', 'prod', 'soap', null).find('k1', monotonic()), undefined);
  assert.equal(tables.of('one', 'prod', 'http', null).find('k2', monotonic()), undefined);
});
