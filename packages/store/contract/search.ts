import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Api } from '@sluice/model';
import fc from 'fast-check';
import type { ApiQuery, ApiQueryTerm } from '../store.ts';
import type { Fixture } from './contract.ts';
import { sampleApi, unique } from './samples.ts';

export function searchContract(fixture: Fixture): void {
  const organization = unique('org');
  const tenant = () => fixture.store.organization(organization);
  const names = async (query: Partial<ApiQuery>, page = { offset: 0, limit: 50 }): Promise<string[]> =>
    (await tenant().apis.list({ terms: [], sortBy: 'name', ...query }, page)).items.map((api) => api.name);
  const term = (field: ApiQueryTerm['field'], value: string, match: ApiQueryTerm['match'] = 'contains') =>
    ({ field, match, value }) satisfies ApiQueryTerm;

  before(async () => {
    const apis: Partial<Api>[] = [
      { name: 'Alpha', tags: ['Blue', 'sea'], description: 'Orders of fish', createdTime: 3, updatedTime: 1 },
      { name: 'beta', provider: 'Bob', status: 'PUBLISHED', type: 'GRAPHQL', createdTime: 1, updatedTime: 3 },
      { name: 'Gamma 100%', more: { categories: ['Money'] }, createdTime: 2, updatedTime: 2, version: '2.0' },
      {
        name: 'delta_x',
        additionalProperties: [
          { name: 'Team', value: 'Rocket', display: true },
          { name: 'Cost', value: 'Centre', display: false },
        ],
        createdTime: 0,
        updatedTime: 0,
      },
    ];
    for (const api of apis) await tenant().apis.create(sampleApi(organization, api), '');
  });

  test('every field is searched, without case, and terms are ANDed', async () => {
    const found = async (...terms: ApiQueryTerm[]) => (await names({ terms })).join();
    assert.equal(await found(term('name', 'ALPH')), 'Alpha');
    assert.equal(await found(term('version', '2.')), 'Gamma 100%');
    assert.equal(await found(term('context', '/BETA', 'equals')), 'beta');
    assert.equal(await found(term('provider', 'bOB', 'equals')), 'beta');
    assert.equal(await found(term('tag', 'bl', 'prefix')), 'Alpha');
    assert.equal(await found(term('tag', 'ea', 'suffix')), 'Alpha');
    assert.equal(await found(term('tag', 'blu', 'equals')), '');
    assert.equal(await found(term('description', 'FISH')), 'Alpha');
    assert.equal(await found(term('status', 'published', 'equals')), 'beta');
    assert.equal(await found(term('type', 'graphql', 'equals')), 'beta');
    assert.equal(await found(term('category', 'money')), 'Gamma 100%');
    assert.equal(await found({ ...term('property', 'rocket'), property: 'team' }), 'delta_x');
    assert.equal(await found({ ...term('property', 'rocket'), property: 'cost' }), '');
    assert.equal(await found(term('property', 'centre', 'equals')), 'delta_x');
    assert.equal(await found(term('name', 'a'), term('provider', 'admin'), term('version', '1.0.0')), 'Alpha,delta_x');
    for (const word of ['sea', 'fish', 'rocket', 'money', 'bob', 'gamma']) {
      assert.equal((await names({ terms: [term('any', word)] })).length, 1, word);
    }
  });

  test('an outline holds what a list holds, in its order, folded', async () => {
    const query = { terms: [term('provider', 'b')], sortBy: 'name' } as const;
    const [only] = (await tenant().apis.list(query, { offset: 0, limit: 9 })).items;
    const outline = { id: only?.id, name: 'beta', version: '1.0.0', provider: 'bob' };
    assert.deepEqual(await tenant().apis.outline(query), [outline]);
    const listed = (await tenant().apis.list({ terms: [] }, { offset: 0, limit: 50 })).items.map(({ id }) => id);
    assert.deepEqual(
      (await tenant().apis.outline({ terms: [] })).map(({ id }) => id),
      listed,
    );
  });

  test('wildcards of SQL and quotes stand for themselves', async () => {
    assert.deepEqual(await names({ terms: [term('name', '%')] }), ['Gamma 100%']);
    assert.deepEqual(await names({ terms: [term('name', '_')] }), ['delta_x']);
    for (const value of ['\\', "' or 1=1 --", '"', '\0', '%%%', 'x'.repeat(60_000)]) {
      assert.deepEqual(await names({ terms: [term('any', value)] }), [], value.slice(0, 20));
    }
  });

  test('pages do not overlap, and the total counts all matches', async () => {
    const page = (offset: number, limit: number) => tenant().apis.list({ terms: [] }, { offset, limit });
    const seen: string[] = [];
    for (let offset = 0; offset < 4; offset += 3) {
      const { items, total } = await page(offset, 3);
      assert.equal(total, 4);
      seen.push(...items.map((api) => api.name));
    }
    assert.deepEqual(seen, ['Alpha', 'Gamma 100%', 'beta', 'delta_x'], 'newest first');
    assert.deepEqual(await page(9, 3), { items: [], total: 4 });
    assert.deepEqual(await page(0, 0), { items: [], total: 4 });
  });

  test('lists sort by what was asked for', async () => {
    const by = async (sortBy: NonNullable<ApiQuery['sortBy']>, sortOrder?: 'asc' | 'desc') =>
      (await names({ sortBy, ...(sortOrder && { sortOrder }) })).join();
    assert.equal(await by('name'), 'Alpha,beta,delta_x,Gamma 100%');
    assert.equal(await by('name', 'desc'), 'Gamma 100%,delta_x,beta,Alpha');
    assert.equal(await by('createdTime'), 'delta_x,beta,Gamma 100%,Alpha');
    assert.equal(await by('updatedTime', 'desc'), 'beta,Gamma 100%,Alpha,delta_x');
    assert.equal((await by('version', 'desc')).split(',')[0], 'Gamma 100%');
    assert.equal((await by('status', 'desc')).split(',')[0], 'beta');
  });

  test('statuses narrow, and no status means nothing', async () => {
    assert.deepEqual(await names({ statuses: ['PUBLISHED'] }), ['beta']);
    assert.deepEqual(await names({ statuses: ['PUBLISHED', 'CREATED'] }), ['Alpha', 'beta', 'delta_x', 'Gamma 100%']);
    assert.deepEqual(await names({ statuses: [] }), []);
  });

  test('restricted APIs show only to those they are meant for', async () => {
    const store = fixture.store.organization(unique('org'));
    const make = (name: string, more: Partial<Api>) =>
      store.apis.create(sampleApi(store.organization, { name, ...more }), '');
    await make('open', {});
    await make('internal', { visibility: 'PRIVATE' });
    await make('sales', { visibility: 'RESTRICTED', visibleRoles: ['Sales'] });
    await make('guarded', { accessControl: 'RESTRICTED', accessControlRoles: ['Ops'], provider: 'owner' });
    const seen = async (side: 'publisher' | 'devportal', user: string, ...roles: string[]) => {
      const query: ApiQuery = { terms: [], visibleTo: { side, user, roles }, sortBy: 'name' };
      return (await store.apis.list(query, { offset: 0, limit: 9 })).items.map((api) => api.name).join();
    };
    assert.equal(await seen('devportal', ''), 'guarded,open');
    assert.equal(await seen('devportal', 'dave'), 'guarded,internal,open');
    assert.equal(await seen('devportal', 'dave', 'sales', 'x'), 'guarded,internal,open,sales');
    assert.equal(await seen('publisher', 'dave', 'sales'), 'internal,open,sales');
    assert.equal(await seen('publisher', 'dave', 'OPS'), 'guarded,internal,open,sales');
    assert.equal(await seen('publisher', 'OWNER'), 'guarded,internal,open,sales');
  });

  test('a search finds exactly what comparing each name would find', async () => {
    const store = fixture.store.organization(unique('org'));
    const letters = ['a', 'A', 'ß', 'İ', 'i', '%', '_', '\\', "'", ' ', '\u{1F680}', 'Σ', 'ς', '.'];
    const word = (max: number) =>
      fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: max }).map((parts) => parts.join(''));
    const known = fc.sample(word(6), { numRuns: 60, seed: 1 });
    const stored: string[] = [];
    for (const name of known) {
      if (stored.some((it) => it.toLowerCase() === name.toLowerCase())) continue;
      stored.push(name);
      await store.apis.create(sampleApi(store.organization, { name, context: `/${stored.length}` }), '');
    }
    const compare = {
      contains: (name: string, value: string) => name.includes(value),
      equals: (name: string, value: string) => name === value,
      prefix: (name: string, value: string) => name.startsWith(value),
      suffix: (name: string, value: string) => name.endsWith(value),
    };
    const matches = fc.constantFrom(...(Object.keys(compare) as (keyof typeof compare)[]));
    await fc.assert(
      fc.asyncProperty(word(3), matches, async (value, match) => {
        const { items, total } = await store.apis.list(
          { terms: [{ field: 'name', match, value }] },
          { offset: 0, limit: 99 },
        );
        const expected = stored.filter((name) => compare[match](name.toLowerCase(), value.toLowerCase()));
        assert.deepEqual(items.map((api) => api.name).sort(), expected.sort());
        assert.equal(total, expected.length);
      }),
      { numRuns: 150 },
    );
  });
}
