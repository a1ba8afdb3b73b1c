import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { endpointSecrets, type JsonObject, type SharedEndpoint } from '@sluice/model';
import type { Fixture } from './contract.ts';
import { rejectsConflict } from './expect.ts';
import { sampleApi, sampleDeployment, sampleRevision, sampleSharedEndpoint, unique } from './samples.ts';

export function sharedEndpointContract(fixture: Fixture): void {
  const tenant = () => fixture.store.organization(unique('org'));

  test('the name of a shared endpoint is taken once', async () => {
    const { sharedEndpoints, organization } = tenant();
    await sharedEndpoints.create(sampleSharedEndpoint(organization, { name: 'b' }));
    await rejectsConflict(
      sharedEndpoints.create(sampleSharedEndpoint(organization, { name: 'b' })),
      'shared-endpoint-name',
    );
    const other = sampleSharedEndpoint(organization, { name: 'a' });
    await sharedEndpoints.create(other);
    await rejectsConflict(sharedEndpoints.update({ ...other, name: 'b' }), 'shared-endpoint-name');
    assert.deepEqual(
      (await sharedEndpoints.list()).map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal(await sharedEndpoints.update({ ...other, description: 'changed' }), true);
    assert.equal((await sharedEndpoints.get(other.id))?.description, 'changed');
    assert.equal(await sharedEndpoints.remove(other.id), true);
    assert.equal(await sharedEndpoints.update(other), false);
  });

  test('its secrets are sealed for it, also those that were written before there was a key', async () => {
    const { open } = await fixture.database.blank();
    const endpointConfig: JsonObject = { endpoint_security: { production: { type: 'BASIC', password: 'hush' } } };
    const organization = unique('org');
    const endpoint = sampleSharedEndpoint(organization, { name: 'early', endpointConfig });
    const before = await open();
    await before.transaction(async (tx) => {
      const own = tx.organization(organization);
      await own.sharedEndpoints.create(endpoint);
      await own.feed.append({ environment: null, kind: 'endpoint', id: `${organization}/early`, value: endpoint });
    });
    await before.close();
    const secrets = endpointSecrets(randomBytes(32));
    const store = await open({ secrets });
    const own = store.organization(organization);
    const late = sampleSharedEndpoint(organization, { name: 'late', endpointConfig });
    await own.sharedEndpoints.create(late);
    await own.sharedEndpoints.update(late);
    const events = await store.system.feed.after(0, 'Default', 10);
    const kept = [...(await own.sharedEndpoints.list()), ...events.map(({ value }) => value as SharedEndpoint)];
    assert.equal(kept.length, 3);
    assert.doesNotMatch(JSON.stringify(kept), /hush/);
    for (const one of kept) assert.deepEqual(secrets.unseal(one.endpointConfig, one.id), endpointConfig);
    await store.close();
  });

  test('who refers to a shared endpoint is found among APIs and deployed revisions, and nobody else', async () => {
    const store = tenant();
    const { organization } = store;
    // A name that means something to a pattern.
    const name = 'conf:/50%_"orders"';
    const endpointConfig = { endpoint_type: 'registry', production_endpoints: { url: name } };
    const api = sampleApi(organization, { name: 'Orders', endpointConfig });
    await store.apis.create(api, '');
    await store.apis.create(sampleApi(organization, { description: name }), '');
    const changed = sampleApi(organization, { name: 'Changed', version: '2' });
    await store.apis.create(changed, '');
    const revision = await store.revisions.create(sampleRevision({ ...changed, endpointConfig }));
    assert.deepEqual(await store.sharedEndpoints.uses(name), [{ what: 'API', name: `Orders ${api.version}` }]);
    await store.deployments.put(sampleDeployment(revision));
    assert.equal((await store.sharedEndpoints.uses(name)).length, 2);
    assert.deepEqual(await store.sharedEndpoints.uses('conf:/50'), []);
  });
}
