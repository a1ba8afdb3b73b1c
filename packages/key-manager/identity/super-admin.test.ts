import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Running, run } from '../testing/running.ts';

let running: Running;
before(async () => {
  running = await run();
});
after(() => running.close());

const start = (password: string) => running.keyManager.ensureSuperAdmin({ username: 'admin', password });
const works = async (password: string) => (await running.keyManager.authenticateBasic('admin', password)) !== undefined;

test('a password changed in the portal outlives restarts', async () => {
  await running.keyManager.users.setPassword('admin', 'from the portal');
  await start('admin');
  assert.ok(await works('from the portal'));
  assert.ok(!(await works('admin')));
});

test('a password changed in the configuration takes effect once', async () => {
  await start('from the file');
  assert.ok(await works('from the file'));
  assert.ok(!(await works('from the portal')));
  await running.keyManager.users.setPassword('admin', 'again');
  await start('from the file');
  assert.ok(await works('again'));
});

test('the configured password lies in the store in no readable form', async () => {
  const value = await running.store.system.values.get('key-manager.super-admin');
  assert.match(String(value), /^[\w-]{43}$/);
});
