import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MissingReferenceError, ValueTooLongError } from '../errors.ts';
import type { Fixture } from './contract.ts';
import { rejectsConflict } from './expect.ts';
import { sampleApi, storeWholeTenant, unique } from './samples.ts';

export function apiContract(fixture: Fixture): void {
  const tenant = (name = unique('org')) => fixture.store.organization(name);

  test('an API comes back as it was stored, odd characters included', async () => {
    const store = tenant();
    const api = sampleApi(store.organization, {
      name: 'Größe "q" \u{1F680}',
      description: 'nul \0 and lone \ud800 surrogate',
      displayName: "O'Hara; drop table api; --",
      more: { nested: { list: [1, null, true, 'ü'] }, ['__proto__']: { polluted: true } },
      context: '/größe',
      tags: ['a', 'a'],
    });
    await store.apis.create(api, 'line 1\nline 2 \u{1F680}');
    assert.deepEqual(await store.apis.get(api.id), api);
    assert.equal(await store.apis.definition(api.id), 'line 1\nline 2 \u{1F680}');
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  test('same name and version, or same context and version, is refused whatever the case', async () => {
    const store = tenant();
    const { organization } = store;
    await store.apis.create(sampleApi(organization, { name: 'Größe', version: '1.0.0-RC', context: '/g' }), '');
    const clashes = (more: object) => store.apis.create(sampleApi(organization, { version: '1.0.0-rc', ...more }), '');
    await rejectsConflict(clashes({ name: 'GRÖßE' }), 'api-name-version');
    await rejectsConflict(clashes({ context: '/G' }), 'api-context-version');
    await clashes({ name: 'Größe', version: '2', context: '/g' });
    assert.equal((await store.apis.list({ terms: [] }, { offset: 0, limit: 10 })).total, 2);
  });

  test('a refused creation leaves no definition behind, and its id stays free', async () => {
    const store = tenant();
    const first = sampleApi(store.organization, { name: 'A' });
    await store.apis.create(first, 'first');
    const second = sampleApi(store.organization, { name: 'a', context: '/other' });
    await rejectsConflict(store.apis.create(second, 'second'), 'api-name-version');
    assert.equal(await store.apis.definition(second.id), undefined);
    await store.apis.create({ ...second, name: 'B' }, 'third');
    await rejectsConflict(store.apis.create({ ...second, name: 'C', context: '/c' }, ''), 'api-id');
  });

  test('find, versions and byContext look without case and only at their own family', async () => {
    const store = tenant();
    const make = (name: string, version: string, createdTime: number) =>
      sampleApi(store.organization, { name, version, context: `/${name}`, createdTime });
    const [one, two, other] = [make('Pets', '1', 1), make('Pets', '2', 2), make('Petshop', '1', 3)];
    for (const api of [two, other, one]) await store.apis.create(api, '');
    assert.equal((await store.apis.find('pETS', '2'))?.id, two.id);
    assert.equal(await store.apis.find('pet', '2'), undefined);
    assert.deepEqual(
      (await store.apis.versions('PETS')).map((api) => api.id),
      [one.id, two.id],
    );
    assert.deepEqual(
      (await store.apis.byContext('/PETS')).map((api) => api.id),
      [one.id, two.id],
    );
  });

  test('an update replaces the API and what searches find of it, but not its thumbnail or revision counter', async () => {
    const store = tenant();
    const api = sampleApi(store.organization, { tags: ['old'] });
    await store.apis.create(api, '');
    await store.apis.setThumbnail(api.id, { mediaType: 'image/png', bytes: new Uint8Array([1]) });
    assert.equal(await store.apis.update({ ...api, tags: ['new'], status: 'PUBLISHED', hasThumbnail: false }), true);
    const tagged = (value: string) =>
      store.apis.list({ terms: [{ field: 'tag', match: 'equals', value }] }, { offset: 0, limit: 5 });
    assert.equal((await tagged('old')).total, 0);
    const [found] = (await tagged('new')).items;
    assert.equal(found?.status, 'PUBLISHED');
    assert.equal(found?.hasThumbnail, true);
    assert.equal(await store.apis.update(sampleApi(store.organization)), false);
  });

  test('an update to a taken name is refused and changes nothing', async () => {
    const store = tenant();
    const [one, two] = [sampleApi(store.organization), sampleApi(store.organization)];
    await store.apis.create(one, '');
    await store.apis.create(two, '');
    await rejectsConflict(store.apis.update({ ...two, name: one.name.toUpperCase() }), 'api-name-version');
    assert.deepEqual(await store.apis.get(two.id), two);
  });

  test('removing an API takes everything of its own along', async () => {
    const store = tenant();
    const { api, revision, subscription } = await storeWholeTenant(store);
    await store.apis.appendHistory({ apiId: api.id, previous: null, next: 'CREATED', user: 'admin', time: 1 });
    await store.apis.setThumbnail(api.id, { mediaType: 'image/png', bytes: new Uint8Array(10) });
    await store.subscriptions.remove(subscription.id);
    assert.equal(await store.apis.remove(api.id), true);
    assert.equal(await store.apis.remove(api.id), false);
    assert.equal(await store.apis.definition(api.id), undefined);
    assert.equal(await store.apis.thumbnail(api.id), undefined);
    assert.deepEqual(await store.apis.history(api.id), []);
    assert.equal(await store.revisions.get(api.id, revision.id), undefined);
    assert.deepEqual(await store.deployments.all(), []);
  });

  test('an API with subscriptions is not removed, nor undeployed by the attempt', async () => {
    const store = tenant();
    const { api, deployment } = await storeWholeTenant(store);
    await rejectsConflict(store.apis.remove(api.id), 'api-subscribed');
    assert.deepEqual(await store.deployments.list(api.id), [deployment]);
  });

  test('thumbnails keep every byte and can be taken away', async () => {
    const store = tenant();
    const api = sampleApi(store.organization);
    await store.apis.create(api, '');
    assert.equal(await store.apis.thumbnail(api.id), undefined);
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await store.apis.setThumbnail(api.id, { mediaType: 'image/gif', bytes: new Uint8Array(3) });
    await store.apis.setThumbnail(api.id, { mediaType: 'image/png', bytes });
    assert.deepEqual(await store.apis.thumbnail(api.id), { mediaType: 'image/png', bytes });
    assert.equal((await store.apis.get(api.id))?.hasThumbnail, true);
    await store.apis.setThumbnail(api.id, null);
    assert.equal(await store.apis.thumbnail(api.id), undefined);
    assert.equal((await store.apis.get(api.id))?.hasThumbnail, false);
  });

  test('history keeps its order within one millisecond', async () => {
    const store = tenant();
    const api = sampleApi(store.organization);
    await store.apis.create(api, '');
    const step = (next: 'CREATED' | 'PUBLISHED' | 'BLOCKED') =>
      ({ apiId: api.id, previous: null, next, user: 'admin', time: 7 }) as const;
    await Promise.all([step('PUBLISHED'), step('BLOCKED'), step('CREATED')].map((it) => store.apis.appendHistory(it)));
    assert.deepEqual(
      (await store.apis.history(api.id)).map((event) => event.next),
      ['PUBLISHED', 'BLOCKED', 'CREATED'],
    );
  });

  test('parts of an API that is gone are refused, not orphaned', async () => {
    const { apis } = tenant();
    await assert.rejects(apis.setDefinition('gone', ''), MissingReferenceError);
    await assert.rejects(apis.setThumbnail('gone', null), MissingReferenceError);
    const event = { apiId: 'gone', previous: null, next: 'CREATED', user: 'a', time: 1 } as const;
    await assert.rejects(apis.appendHistory(event), MissingReferenceError);
  });

  test('a key that is too long is refused on both engines', async () => {
    const store = tenant();
    const api = sampleApi(store.organization, { name: 'x'.repeat(256), context: '/x' });
    await assert.rejects(store.apis.create(api, ''), ValueTooLongError);
    // Characters, not UTF-16 units.
    await store.apis.create({ ...api, name: '\u{1F680}'.repeat(255) }, '');
  });

  test('a row of another organization is refused', async () => {
    const store = tenant();
    await assert.rejects(store.apis.create(sampleApi('other'), ''), TypeError);
    await assert.rejects(store.apis.update(sampleApi('other')), TypeError);
  });
}
