import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { endpointSecrets, type JsonObject } from '@sluice/model';
import { EndpointKeyError } from '../errors.ts';
import type { Store } from '../store.ts';
import type { Fixture } from './contract.ts';
import { sampleApi, sampleRevision } from './samples.ts';

const organization = 'carbon.super';

function secured(password: string) {
  const endpointConfig: JsonObject = { endpoint_security: { production: { enabled: true, type: 'BASIC', password } } };
  return sampleApi(organization, { endpointConfig });
}

/** Everything of the API that lies in the database. */
async function kept(store: Store, id: string): Promise<string> {
  const own = store.organization(organization);
  const events = await store.system.feed.after(0, 'Default', 1000);
  return JSON.stringify([await own.apis.get(id), await own.revisions.list(id), events]);
}

export function endpointSecretsContract(fixture: Fixture): void {
  test('what was written before there was a key is sealed by the first one, in every table', async () => {
    const { open } = await fixture.database.blank();
    const before = await open();
    const apis = Array.from({ length: 205 }, () => secured('hush'));
    const [api] = apis;
    assert.ok(api);
    const own = before.organization(organization);
    for (const one of apis) await own.apis.create(one, '{}');
    await own.revisions.create(sampleRevision(api));
    await before.transaction(async (tx) => {
      const value = { id: api.id, endpoints: { production: { security: { password: 'hush' } } } };
      const { feed } = tx.organization(organization);
      await feed.append({ environment: 'Default', kind: 'api', id: api.id, value: value as never });
      await feed.append({ environment: 'Default', kind: 'api', id: api.id, value: null });
    });
    assert.match(await kept(before, api.id), /hush/);
    await before.close();

    const secrets = endpointSecrets(randomBytes(32));
    const after = await open({ secrets });
    for (const { id } of apis) {
      const found = await after.organization(organization).apis.get(id);
      assert.ok(found?.endpointConfig);
      assert.doesNotMatch(JSON.stringify(found), /hush/);
      assert.deepEqual(secrets.unseal(found.endpointConfig, id), api.endpointConfig);
    }
    assert.doesNotMatch(await kept(after, api.id), /hush/);
    await after.close();
  });

  test('every write seals, a copy is sealed for itself, and sealing again changes nothing', async () => {
    const { open } = await fixture.database.blank();
    const secrets = endpointSecrets(randomBytes(32));
    const store = await open({ secrets });
    const { apis, revisions } = store.organization(organization);
    const api = secured('hush');
    await apis.create(api, '{}');
    const stored = await apis.get(api.id);
    assert.ok(stored?.endpointConfig);
    await apis.update(stored);
    assert.deepEqual(await apis.get(api.id), stored);
    await revisions.create(sampleRevision(api));
    assert.doesNotMatch(await kept(store, api.id), /hush/);
    const copy = { ...sampleApi(organization), endpointConfig: stored.endpointConfig };
    await apis.create(copy, '{}', api.id);
    const copied = (await apis.get(copy.id))?.endpointConfig;
    assert.ok(copied);
    assert.deepEqual(secrets.unseal(copied, copy.id), api.endpointConfig);
    assert.throws(() => secrets.unseal(copied, api.id));
    await store.close();
  });

  test('another key than that of the database is refused, by both names and the setting', async () => {
    const { open } = await fixture.database.blank();
    const [one, other] = [endpointSecrets(randomBytes(32)), endpointSecrets(randomBytes(32))];
    await (await open({ secrets: one })).close();
    await assert.rejects(open({ secrets: other }), (error) => {
      assert.ok(error instanceof EndpointKeyError);
      for (const text of [one.keyId, other.keyId, 'endpoint_key_file']) assert.ok(error.message.includes(text));
      return true;
    });
    await (await open({ secrets: one })).close();
  });
}
