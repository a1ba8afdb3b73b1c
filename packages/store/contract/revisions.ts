import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MissingReferenceError } from '../errors.ts';
import type { Fixture } from './contract.ts';
import { rejectsConflict } from './expect.ts';
import { sampleApi, sampleDeployment, sampleRevision, unique } from './samples.ts';

export function revisionContract(fixture: Fixture): void {
  const tenant = () => fixture.store.organization(unique('org'));
  const withApi = async () => {
    const store = tenant();
    const api = sampleApi(store.organization);
    await store.apis.create(api, '');
    return { store, api };
  };

  test('a revision number is never given twice, not even after the newest revision was removed', async () => {
    const { store, api } = await withApi();
    const first = await store.revisions.create(sampleRevision(api));
    const second = await store.revisions.create(sampleRevision(api));
    assert.equal(await store.revisions.remove(api.id, second.id), true);
    await store.apis.update({ ...api, status: 'PUBLISHED' });
    const third = await store.revisions.create(sampleRevision(api));
    assert.deepEqual([first.number, second.number, third.number], [1, 2, 3]);
    assert.deepEqual(
      (await store.revisions.list(api.id)).map((it) => it.number),
      [1, 3],
    );
    assert.equal(await store.revisions.byNumber(api.id, 2), undefined);
  });

  test('revisions made at once get different numbers, also from several processes', async () => {
    const { store, api } = await withApi();
    const elsewhere = (await fixture.database.another()).organization(store.organization);
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, index) => (index % 2 ? store : elsewhere).revisions.create(sampleRevision(api))),
    );
    assert.deepEqual(
      made.map((it) => it.number).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  });

  test('a revision keeps the API and the definition as they were', async () => {
    const { store, api } = await withApi();
    const made = await store.revisions.create(sampleRevision(api, { definition: 'a\n'.repeat(1000) }));
    await store.apis.update({ ...api, description: 'changed' });
    assert.deepEqual(await store.revisions.get(api.id, made.id), made);
    assert.deepEqual(await store.revisions.byNumber(api.id, 1), made);
    assert.deepEqual(made.api, api);
    assert.equal(await store.revisions.get('another', made.id), undefined);
  });

  test('a revision of an API that is gone is refused', async () => {
    const store = tenant();
    await assert.rejects(store.revisions.create(sampleRevision(sampleApi(store.organization))), MissingReferenceError);
  });

  test('deploying replaces what was in that environment, and only there', async () => {
    const { store, api } = await withApi();
    const [one, two] = [
      await store.revisions.create(sampleRevision(api)),
      await store.revisions.create(sampleRevision(api)),
    ];
    await store.deployments.put(sampleDeployment(one));
    await store.deployments.put(sampleDeployment(one, { environment: 'EU' }));
    await store.deployments.put(sampleDeployment(two, { vhost: 'api.example.com' }));
    const deployed = (await store.deployments.list(api.id)).map((it) => [it.environment, it.revisionId, it.vhost]);
    assert.deepEqual(deployed, [
      ['Default', two.id, 'api.example.com'],
      ['EU', one.id, 'localhost'],
    ]);
    assert.deepEqual(
      (await store.deployments.all('EU')).map((it) => it.revisionId),
      [one.id],
    );
    assert.equal((await store.deployments.all()).length, 2);
    assert.equal(await store.deployments.remove(api.id, 'EU'), true);
    assert.equal(await store.deployments.remove(api.id, 'EU'), false);
  });

  test('what is served comes with the API as it was frozen and as it is, page by page', async () => {
    const store = tenant();
    for (let count = 0; count < 3; count++) {
      const api = sampleApi(store.organization, { description: 'frozen' });
      await store.apis.create(api, '');
      const revision = await store.revisions.create(sampleRevision(api));
      await store.deployments.put(sampleDeployment(revision));
      await store.deployments.put(sampleDeployment(revision, { environment: 'EU' }));
      await store.apis.update({ ...api, description: 'present' });
      await store.apis.setThumbnail(api.id, { mediaType: 'image/png', bytes: new Uint8Array([1]) });
    }
    const served = await store.deployments.served('EU', { offset: 0, limit: 10 });
    assert.equal(served.length, 3);
    for (const { deployment, frozen, api } of served) {
      assert.deepEqual([frozen.description, api.description, api.hasThumbnail], ['frozen', 'present', true]);
      assert.deepEqual([deployment.environment, deployment.apiId, frozen.id], ['EU', api.id, api.id]);
    }
    const pages = [0, 2, 4].map((offset) => store.deployments.served('EU', { offset, limit: 2 }));
    assert.deepEqual((await Promise.all(pages)).flat(), served);
    assert.deepEqual(await store.deployments.served('US', { offset: 0, limit: 10 }), []);
  });

  test('a deployed revision is not removed', async () => {
    const { store, api } = await withApi();
    const revision = await store.revisions.create(sampleRevision(api));
    await store.deployments.put(sampleDeployment(revision));
    await rejectsConflict(store.revisions.remove(api.id, revision.id), 'revision-deployed');
    await store.deployments.remove(api.id, 'Default');
    assert.equal(await store.revisions.remove(api.id, revision.id), true);
  });

  test('a revision is deployed for its own API only', async () => {
    const { store, api } = await withApi();
    const other = sampleApi(store.organization);
    await store.apis.create(other, '');
    const revision = await store.revisions.create(sampleRevision(api));
    const crossed = sampleDeployment({ apiId: other.id, id: revision.id });
    await assert.rejects(store.deployments.put(crossed), MissingReferenceError);
    assert.deepEqual(await store.deployments.all(), []);
  });
}
