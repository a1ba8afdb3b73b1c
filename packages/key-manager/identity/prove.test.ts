import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SluiceError } from '@sluice/model';
import { makeClient, type Running, run } from '../testing/running.ts';

let running: Running;
before(async () => {
  running = await run({ limits: { failuresPerMinute: 5, waitingProofs: 4 } });
  await running.keyManager.users.create({ username: 'Rita', password: 'rita-1', roles: ['Internal/creator'] });
});
after(() => running.close());

const prove = (name: string, password: string) => running.keyManager.authenticateBasic(name, password);
const tooMany = (error: unknown) => error instanceof SluiceError && error.entry.status === 429;

test('names are taken with and without the organization, in any case, and with the user store', async () => {
  for (const name of ['Rita', 'rita', 'rita@carbon.super', 'PRIMARY/rita'])
    assert.equal((await prove(name, 'rita-1'))?.user, 'Rita', name);
  for (const name of ['rita@tenant.com', 'rita@', '@carbon.super', ''])
    assert.equal(await prove(name, 'rita-1'), undefined, name);
});

test('Basic brings every scope that the roles hold, and no other', async () => {
  const scopes = (await prove('Rita', 'rita-1'))?.scopes;
  assert.ok(scopes?.has('apim:api_create') && scopes.has('apim:api_view'));
  assert.ok(!scopes?.has('apim:api_publish') && !scopes?.has('apim:admin'));
});

test('a changed password stops the old one at once, although it was proven a moment ago', async () => {
  await running.keyManager.users.create({ username: 'otto', password: 'old', roles: [] });
  assert.ok(await prove('otto', 'old'));
  assert.equal(await running.keyManager.users.changePassword('otto', 'wrong', 'new'), false);
  assert.equal(await running.keyManager.users.changePassword('otto', 'old', 'new'), true);
  assert.equal(await prove('otto', 'old'), undefined);
  assert.ok(await prove('otto', 'new'));
});

test('a name that fails too often is refused for a while, whether it exists or not', async () => {
  await running.keyManager.users.create({ username: 'vera', password: 'vera', roles: [] });
  for (const name of ['vera', 'nobody']) {
    for (let round = 0; round < 5; round++) assert.equal(await prove(name, `guess ${round}`), undefined);
    await assert.rejects(prove(name, 'guess 6'), tooMany);
  }
  await assert.rejects(prove('vera', 'vera'), tooMany);
  assert.ok(await prove('Rita', 'rita-1'), 'others are not touched');
  running.advance(12_500);
  assert.ok(await prove('vera', 'vera'));
});

test('one who signs in right again and again is never refused', async () => {
  await running.keyManager.users.create({ username: 'lena', password: 'lena', roles: [] });
  for (let round = 0; round < 12; round++) {
    running.advance(301_000);
    assert.ok(await prove('lena', 'lena'));
  }
  const together = await Promise.all(Array.from({ length: 40 }, () => prove('lena', 'lena')));
  assert.ok(together.every(Boolean));
});

test('a flood of guesses is refused beyond its queue and does not stop the service', async () => {
  const { credentials } = await makeClient(running);
  const fields = (index: number) => ({ grant_type: 'password', username: `user ${index}`, password: 'x' });
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) => running.form('/oauth2/token', credentials, fields(index))),
  );
  const statuses = new Set(answers.map((answer) => answer.status));
  assert.deepEqual([...statuses].sort(), [400, 429]);
  const refused = answers.find((answer) => answer.status === 429);
  assert.equal(refused?.json().error, 'temporarily_unavailable');
  assert.ok(refused?.headers['retry-after']);
  assert.ok(await prove('Rita', 'rita-1'));
});

test('an unknown user costs as much time as a known one', async () => {
  const time = async (name: string) => {
    const times: number[] = [];
    for (let round = 0; round < 9; round++) {
      running.advance(60_000);
      const start = performance.now();
      await prove(name, `wrong ${round}`);
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[1] ?? 0;
  };
  const [known, unknown] = [await time('Rita'), await time('somebody')];
  assert.ok(unknown > known / 3 && unknown < known * 3, `${known} ms known, ${unknown} ms unknown`);
});

test('passwords and names that cannot be are refused when they are made', async () => {
  const create = (username: string, password: string) =>
    running.keyManager.users.create({ username, password, roles: [] });
  for (const name of ['', ' ', 'a\nb', 'a:b', 'a/b', 'x'.repeat(256), 'a"b'])
    await assert.rejects(create(name, 'pw'), SluiceError, name);
  await assert.rejects(create('fine', ''), SluiceError);
  await assert.rejects(create('fine', 'x'.repeat(1025)), SluiceError);
  assert.equal(await prove('Rita', 'x'.repeat(5000)), undefined);
});
