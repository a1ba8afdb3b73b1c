import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MissingReferenceError } from '../errors.ts';
import type { Fixture } from './contract.ts';
import { rejectsConflict } from './expect.ts';
import {
  sampleApi,
  sampleApplication,
  sampleKeyMapping,
  sampleSubscription,
  storeWholeTenant,
  unique,
} from './samples.ts';

const page = { offset: 0, limit: 20 };

export function applicationContract(fixture: Fixture): void {
  const tenant = () => fixture.store.organization(unique('org'));

  test('one owner has one application of a name, whatever the case; another owner may have it too', async () => {
    const store = tenant();
    const make = (name: string, owner: string) =>
      store.applications.create(sampleApplication(store.organization, { name, owner }));
    await make('Shop', 'dave');
    await rejectsConflict(make('sHOP', 'DAVE'), 'application-owner-name');
    await make('Shop', 'eve');
  });

  test('applications come back as stored and follow updates, groups included', async () => {
    const store = tenant();
    const application = sampleApplication(store.organization, { attributes: { 'x y': 'ü' }, groups: ['a', 'b', 'a'] });
    await store.applications.create(application);
    assert.deepEqual(await store.applications.get(application.id), application);
    const renamed = { ...application, name: 'Other', groups: ['c'] };
    assert.equal(await store.applications.update(renamed), true);
    assert.deepEqual(await store.applications.get(application.id), renamed);
    assert.equal((await store.applications.list({ groupIds: ['a'] }, page)).total, 0);
    assert.equal((await store.applications.list({ groupIds: ['x', 'c'] }, page)).total, 1);
    assert.equal(await store.applications.update(sampleApplication(store.organization)), false);
  });

  test('a list shows the own applications and those shared with the groups, filtered, sorted and paged', async () => {
    const store = tenant();
    const make = (name: string, owner: string, groups: string[] = [], throttlingPolicy = 'Unlimited') =>
      store.applications.create(sampleApplication(store.organization, { name, owner, groups, throttlingPolicy }));
    await make('Web', 'dave', [], '10PerMin');
    await make('app_1', 'Dave');
    await make('Shared', 'eve', ['sales', 'ops']);
    await make('Secret', 'eve');
    const names = async (query: Parameters<typeof store.applications.list>[0], at = page) =>
      (await store.applications.list(query, at)).items.map((it) => it.name).join();
    assert.equal(await names({}), 'app_1,Secret,Shared,Web');
    assert.equal(await names({ owner: 'DAVE' }), 'app_1,Web');
    assert.equal(await names({ owner: 'dave', groupIds: ['sales', 'ops'] }), 'app_1,Shared,Web');
    assert.equal(await names({ owner: 'dave', name: 'EB' }), 'Web');
    assert.equal(await names({ name: 'web', nameMatch: 'equals' }), 'Web');
    assert.equal(await names({ name: 'we', nameMatch: 'equals' }), '');
    assert.equal(await names({ name: '_' }), 'app_1');
    assert.equal(await names({ owner: 'dave', sortBy: 'throttlingPolicy', sortOrder: 'desc' }), 'app_1,Web');
    const second = await store.applications.list({ owner: 'dave' }, { offset: 1, limit: 1 });
    assert.deepEqual([second.items[0]?.name, second.total], ['Web', 2]);
  });

  test('removing an application takes its keys and subscriptions along, and leaves the API removable', async () => {
    const store = tenant();
    const { api, application, mapping, subscription } = await storeWholeTenant(store);
    assert.equal(await store.applications.remove(application.id), true);
    assert.equal(await store.applications.remove(application.id), false);
    assert.equal(await store.keyMappings.get(mapping.id), undefined);
    assert.equal(await store.keyMappings.byConsumerKey(mapping.consumerKey), undefined);
    assert.equal(await store.subscriptions.get(subscription.id), undefined);
    assert.equal(await store.apis.remove(api.id), true);
  });

  test('an application has one key of a type with a key manager, and a consumer key belongs to one', async () => {
    const store = tenant();
    const application = sampleApplication(store.organization);
    await store.applications.create(application);
    const mapping = sampleKeyMapping(application);
    await store.keyMappings.create(mapping);
    await rejectsConflict(store.keyMappings.create(sampleKeyMapping(application)), 'key-mapping');
    const sandbox = sampleKeyMapping(application, { keyType: 'SANDBOX' });
    await rejectsConflict(store.keyMappings.create({ ...sandbox, consumerKey: mapping.consumerKey }), 'consumer-key');
    await store.keyMappings.create(sandbox);
    assert.deepEqual(await store.keyMappings.list(application.id), [mapping, sandbox]);
    assert.deepEqual(await store.keyMappings.byConsumerKey(sandbox.consumerKey), sandbox);
    const moved = { ...sandbox, consumerKey: 'new-key', state: 'APPROVED' as const };
    assert.equal(await store.keyMappings.update(moved), true);
    assert.deepEqual(await store.keyMappings.byConsumerKey('new-key'), moved);
    assert.equal(await store.keyMappings.byConsumerKey(sandbox.consumerKey), undefined);
    assert.equal(await store.keyMappings.remove(sandbox.id), true);
    assert.equal(await store.keyMappings.update(moved), false);
  });

  test('an application subscribes to an API once', async () => {
    const store = tenant();
    const { api, application, subscription } = await storeWholeTenant(store);
    await rejectsConflict(store.subscriptions.create(sampleSubscription(api, application)), 'subscription');
    const blocked = { ...subscription, status: 'BLOCKED' as const };
    assert.equal(await store.subscriptions.update(blocked), true);
    assert.deepEqual(await store.subscriptions.get(subscription.id), blocked);
    assert.deepEqual(await store.subscriptions.find(application.id, api.id), blocked);
    assert.equal(await store.subscriptions.find(api.id, application.id), undefined);
  });

  test('subscriptions are listed by API, application and subscriber', async () => {
    const store = tenant();
    const { api, application } = await storeWholeTenant(store);
    const other = sampleApi(store.organization);
    await store.apis.create(other, '');
    await store.subscriptions.create(sampleSubscription(other, application, { subscriber: 'Eve' }));
    const total = async (query: Parameters<typeof store.subscriptions.list>[0]) =>
      (await store.subscriptions.list(query, page)).total;
    assert.equal(await total({}), 2);
    assert.equal(await total({ apiId: api.id }), 1);
    assert.equal(await total({ applicationId: application.id }), 2);
    assert.equal(await total({ applicationId: application.id, subscriber: 'eve' }), 1);
    assert.equal(await total({ apiId: api.id, subscriber: 'eve' }), 0);
    const last = await store.subscriptions.list({}, { offset: 1, limit: 5 });
    assert.equal(last.items.length, 1);
  });

  test('keys and subscriptions of what is gone are refused', async () => {
    const store = tenant();
    const { api, application } = await storeWholeTenant(store);
    const gone = sampleApplication(store.organization);
    await assert.rejects(store.keyMappings.create(sampleKeyMapping(gone)), MissingReferenceError);
    await assert.rejects(store.subscriptions.create(sampleSubscription(api, gone)), MissingReferenceError);
    const goneApi = sampleApi(store.organization);
    await assert.rejects(store.subscriptions.create(sampleSubscription(goneApi, application)), MissingReferenceError);
  });
}
