import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errors } from '../errors/catalogue.ts';
import { timeoutsDocument } from './docs.ts';
import { deadlines } from './table.ts';

test('docs/timeouts.md is not behind the table (node packages/model/deadlines/write-docs.ts)', () => {
  const page = readFileSync(new URL('../../../docs/timeouts.md', import.meta.url), 'utf8');
  assert.equal(page, timeoutsDocument(page));
});

test('every deadline that is answered names a row of the catalogue', () => {
  const keys = new Set<string>(Object.values(errors).map(({ key }) => key));
  for (const { cause } of Object.values(deadlines)) assert.ok(cause === null || keys.has(cause), `${cause}`);
});
