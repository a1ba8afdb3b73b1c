import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorSections, errors } from './catalogue.ts';
import { errorsDocument } from './docs.ts';
import { describeError, type ErrorEntry, SluiceError } from './entry.ts';

const rows: [string, ErrorEntry][] = Object.entries(errors);

function kebab(name: string): string {
  return name.replace(/(?<=[a-z0-9])([A-Z])/g, '-$1').toLowerCase();
}

test('a row cannot hide another: names are unique over all sections', () => {
  const names = errorSections.flatMap(({ rows: section }) => Object.keys(section));
  assert.deepEqual(names.toSorted(), rows.map(([name]) => name).toSorted());
  assert.equal(new Set(names).size, names.length);
});

for (const [name, entry] of rows) {
  test(`the row ${name} is complete and well-formed`, () => {
    assert.equal(entry.key, kebab(name), 'the key is the name in kebab-case');
    assert.ok(Number.isInteger(entry.code) && entry.code >= 400 && entry.code < 1_000_000);
    assert.ok(Number.isInteger(entry.status) && entry.status >= 400 && entry.status <= 599);
    if (entry.code <= 599) assert.equal(entry.code, entry.status, 'a code that is a status is this status');
    assert.ok(entry.remedy.endsWith('.') && entry.remedy.length > 10);
    // WSO2's answer to a call without credentials has an empty message.
    assert.ok(entry.message !== '' || name === 'unauthenticated');
    assert.ok(entry.description !== '' && !entry.description.includes('\n'));
    for (const brace of entry.description.matchAll(/[{}][^{}]*[{}]?/g)) assert.match(brace[0], /^\{\w+\}|^\}/);
    if (entry.setting !== undefined)
      assert.match(entry.setting, /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$|^[a-z][a-z0-9_]+$/);
    assert.doesNotMatch(describeError(entry, everyArgument(entry)), /[{}]/);
  });
}

function everyArgument(entry: ErrorEntry): Record<string, string> {
  return Object.fromEntries([...entry.description.matchAll(/\{(\w+)\}/g)].map(([, name]) => [String(name), 'x']));
}

test('backend faults are told apart: 502, 503 and 504, never the 500 of a program error', () => {
  const { backendConnectionRefused, backendPoolFull, endpointTimeout, noEndpointReady } = errors;
  assert.deepEqual(
    [backendConnectionRefused, backendPoolFull, endpointTimeout, noEndpointReady].map(({ status }) => status),
    [502, 503, 504, 503],
  );
});

test('an argument that is missing stays visible instead of becoming "undefined"', () => {
  const error = new SluiceError(errors.apiNotFound, { identity: 'x' });
  assert.equal(error.description, 'There is no API with the id {id}.');
});

test('an argument cannot bring in another placeholder', () => {
  const error = new SluiceError(errors.noEndpointReady, { kind: '{name}', name: 'orders' });
  assert.equal(error.description, '{name} endpoint : orders - no ready child endpoints');
});

test('docs/errors.md is not behind the catalogue (node packages/model/errors/write-docs.ts)', () => {
  assert.equal(readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8'), errorsDocument());
});
