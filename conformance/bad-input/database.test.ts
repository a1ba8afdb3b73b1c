import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { devportal, journey } from '../main-job/journey.ts';
import { startProgram } from '../program/program.ts';

const application = (name: string) => ({ name, throttlingPolicy: 'Unlimited', tokenType: 'JWT' });

test('a locked database answers 503 and loses nothing; writes go on when the lock is gone', async (t) => {
  const program = await startProgram(t, { args: ['start', '--no-sample'] });
  const { admin } = journey(program.urls.controlHttp as string);
  await admin.post(`${devportal}/applications`, application('before'), 201);
  const other = new DatabaseSync(join(program.home, 'data', 'sluice.db'));
  other.exec('begin immediate');
  const locked = await admin.call('POST', `${devportal}/applications`, { json: application('locked') });
  assert.equal(locked.status, 503, locked.text);
  assert.match(locked.json.description, /lock/i);
  assert.equal((await admin.get(`${devportal}/applications`)).json.list.length >= 1, true, 'reads go on');
  other.exec('rollback');
  other.close();
  await admin.post(`${devportal}/applications`, application('locked'), 201);
  assert.equal(await program.stop(), 0);
});

test('a full disk answers 503, keeps what was acknowledged, and the program lives on', async (t) => {
  const program = await startProgram(t, { args: ['start', '--no-sample'] });
  const { admin } = journey(program.urls.controlHttp as string);
  await admin.post(`${devportal}/applications`, application('first'), 201);
  // From now on no file of the program may grow beyond what a small disk would hold (EFBIG in the place of ENOSPC).
  const limit = spawn('prlimit', ['--pid', String(program.pid), '--fsize=600000:unlimited'], { stdio: 'inherit' });
  const [code] = await once(limit, 'exit');
  assert.equal(code, 0, 'prlimit (package util-linux) sets the limit');
  const kept = ['first'];
  const names = async (client: typeof admin) =>
    new Set(
      (await client.get(`${devportal}/applications?limit=3000`)).json.list.map(({ name }: { name: string }) => name),
    );
  let refused = '';
  for (let index = 0; index < 2000 && !refused; index++) {
    const name = `filler-${index}`;
    const answer = await admin.call('POST', `${devportal}/applications`, {
      json: { ...application(name), description: 'x'.repeat(500) },
    });
    if (answer.status === 201) kept.push(name);
    else refused = `${answer.status} ${answer.text}`;
  }
  assert.match(refused, /^503 .*(full|space|room|disk)/i);
  const listed = await names(admin);
  assert.ok(kept.every((name) => listed.has(name)));
  const unlimited = spawn('prlimit', ['--pid', String(program.pid), '--fsize=unlimited:unlimited']);
  await once(unlimited, 'exit');
  await admin.post(`${devportal}/applications`, application('after'), 201);
  await program.stop();
  const again = await startProgram(t, { args: ['start', '--no-sample'], home: program.home });
  const survived = await names(journey(again.urls.controlHttp as string).admin);
  for (const name of [...kept, 'after']) assert.ok(survived.has(name), `${name} was acknowledged`);
});
