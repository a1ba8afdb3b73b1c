import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SealError, superOrganization } from '@sluice/model';
import type { Store } from '@sluice/store';
import { createKeyManager } from '../create.ts';
import type { KeyManager } from '../key-manager.ts';
import { headOf, makeClient, type Running, run } from '../testing/running.ts';

let running: Running;
let twin: KeyManager;
let twinStore: Store;
let issue: (validitySeconds?: number) => Promise<string>;

before(async () => {
  running = await run();
  twinStore = await running.openAgain();
  twin = await createKeyManager({ ...running.options, store: twinStore });
  const { client } = await makeClient(running);
  issue = async (validitySeconds = 3600) =>
    (await running.keyManager.issueToken({ organization: superOrganization, client, scopes: [], validitySeconds }))
      .accessToken;
});
after(async () => {
  await twin.close();
  await twinStore.close();
  await running.close();
});

const kids = async (keyManager = running.keyManager) =>
  (await keyManager.issuers()).map((issuer) => issuer.keys.map((key) => key.kid));

test('processes that share a store share its keys', async () => {
  const token = await issue();
  assert.ok(await twin.authenticateBearer(token));
  assert.deepEqual(await kids(twin), await kids());
});

test('a new key is announced before it signs, and live tokens outlast the rotation', async () => {
  const before = await issue();
  const head = await running.store.system.feed.head();
  await running.keyManager.rotateKeys();

  const events = await running.store.system.feed.after(head, 'Default', 10);
  assert.deepEqual(
    events.map((event) => [event.kind, event.id]),
    [
      ['issuer', 'Resident Key Manager'],
      ['issuer', 'internal'],
    ],
  );
  const announced = (await running.keyManager.issuers())[0]?.keys ?? [];
  assert.deepEqual(events[0]?.kind === 'issuer' && events[0].value?.keys, announced);
  assert.equal(announced.length, 2);

  assert.equal(headOf(await issue()).kid, headOf(before).kid, 'the old key signs until verifiers know the new one');
  running.advance(5_000);
  const later = await issue();
  assert.notEqual(headOf(later).kid, headOf(before).kid);
  for (const keyManager of [running.keyManager, twin])
    for (const token of [before, later]) assert.ok(await keyManager.authenticateBearer(token));
  const published = (await running.send('GET', '/oauth2/jwks')).json().keys;
  assert.deepEqual(
    published.map((key: { kid: string }) => key.kid),
    announced.map((key) => key.kid),
  );
  for (const key of published) assert.deepEqual(Object.keys(key).sort(), ['alg', 'e', 'kid', 'kty', 'n', 'use']);
});

test('a retired key is dropped when no token of it can live, and kept while one does', async () => {
  const oneYear = await issue(366 * 86_400);
  const endless = headOf(await issue(-1)).kid;
  await running.keyManager.rotateKeys();
  running.advance(4_100_000);
  const usual = headOf(await issue()).kid;
  await running.keyManager.rotateKeys();
  running.advance(30 * 86_400_000);
  await running.keyManager.rotateKeys();
  assert.ok(await running.keyManager.authenticateBearer(oneYear));
  const left = (await running.store.system.signingKeys.list()).map((key) => key.kid);
  assert.ok(left.includes(endless));
  assert.ok(!left.includes(usual));
});

test('a start announces nothing new, and another issuer is announced', async () => {
  const head = await running.store.system.feed.head();
  await (await createKeyManager(running.options)).close();
  assert.equal(await running.store.system.feed.head(), head);
  await (await createKeyManager({ ...running.options, issuer: 'https://elsewhere/oauth2/token' })).close();
  assert.ok((await running.store.system.feed.head()) > head);
});

test('private keys lie in the store sealed, and another sealing key stops the start with the reason', async () => {
  for (const key of await running.store.system.signingKeys.list()) assert.match(key.privateKey, /^v1\.[\w-]+$/);
  await assert.rejects(createKeyManager({ ...running.options, sealingKey: randomBytes(32) }), SealError);
});
