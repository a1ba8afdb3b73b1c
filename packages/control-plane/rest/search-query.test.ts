import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SluiceError } from '@sluice/model';
import fc from 'fast-check';
import { readSearchQuery } from './search-query.ts';

test('the forms that apictl, scripts and people use are read as WSO2 reads them', () => {
  const cases: readonly [string, ReturnType<typeof readSearchQuery>][] = [
    ['', []],
    ['pizza', [{ field: 'name', match: 'contains', value: 'pizza' }]],
    ['*pizza*', [{ field: 'name', match: 'contains', value: 'pizza' }]],
    ['pizza*', [{ field: 'name', match: 'prefix', value: 'pizza' }]],
    ['name:echo$', [{ field: 'name', match: 'suffix', value: 'echo' }]],
    [
      'name:"Pizza Shack" version:"1.0.0" provider:"admin"',
      [
        { field: 'name', match: 'equals', value: 'Pizza Shack' },
        { field: 'version', match: 'equals', value: '1.0.0' },
        { field: 'provider', match: 'equals', value: 'admin' },
      ],
    ],
    ['status:published', [{ field: 'status', match: 'equals', value: 'published' }]],
    ['lcState:PUBLISHED', [{ field: 'status', match: 'equals', value: 'PUBLISHED' }]],
    [
      'tags:a api-category:b',
      [
        { field: 'tag', match: 'contains', value: 'a' },
        { field: 'category', match: 'equals', value: 'b' },
      ],
    ],
    ['api_meta.team:blue', [{ field: 'property', property: 'team', match: 'contains', value: 'blue' }]],
    ['context:/a:b', [{ field: 'context', match: 'contains', value: '/a:b' }]],
    ['name: type:API', []],
  ];
  for (const [text, terms] of cases) assert.deepEqual(readSearchQuery(text, 'name'), terms, text);
});

test('no text makes the reader fail in any way but its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      try {
        for (const term of readSearchQuery(text, 'any')) assert.notEqual(term.value, '');
      } catch (error) {
        assert.ok(error instanceof SluiceError);
      }
    }),
    { numRuns: 2000 },
  );
});
