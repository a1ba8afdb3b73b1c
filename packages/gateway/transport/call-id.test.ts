import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextCallId } from './call-id.ts';

test('no two of many ids are the same, and each is a UUID', () => {
  const ids = Array.from({ length: 20_000 }, nextCallId);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
