import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { metric, serveApi } from './all-in-one.ts';
import { lineToEach } from './lines.ts';
import { path, serveProject } from './projects.ts';
import { logged, workersOf } from './workers.ts';

/** An address of this machine at which nobody listens: the discard port, which needs rights to be bound. */
const dead = 'http://127.0.0.1:9/';

const callsPath = '/api/sluice/v1/calls';

test('a failed call can be explained whichever process had it, by command and over REST, also after that process was replaced', async (t) => {
  const program = await serveApi(t, dead);
  const { admin } = program.job;
  for (const line of await lineToEach(t, program.urls.gateway as string, workersOf(program))) {
    assert.ok([502, 503].includes(await line.get(path)));
  }
  const listed = await eventually('both are listed', 5000, async () => {
    const { json } = await admin.get(`${callsPath}?query=open/1.0.0&kept=failed`);
    return json.count === 2 ? json.list : undefined;
  });
  const processes = listed.map((one: { process: number }) => one.process);
  assert.deepEqual(processes.toSorted(), workersOf(program).toSorted());
  // The second process may have been called before it knew of the fault of the first.
  const failed = listed.filter((one: { status: number }) => one.status === 502);
  const [refused] = failed;
  const { json } = await admin.get(`${callsPath}/${refused.id}`);
  assert.deepEqual(json, refused);
  assert.deepEqual(
    [json.error.cause, json.attempts[0].backend, json.attempts[0].fault.code, json.attempts[0].phaseName],
    ['backend-connection-refused', '127.0.0.1:9', 101503, 'before a connection stood'],
  );
  const explain = (...words: string[]) => runProgram(t, { args: ['explain', ...words], home: program.home });
  const told = await explain(refused.id);
  assert.match(
    told.stdout,
    /attempt 1: endpoint prod, 127\.0\.0\.1:9\n.*failed before a connection stood: backend-connection-refused \(101503\)/,
  );
  assert.match(told.stdout, /over, with status 502: backend-connection-refused/);
  assert.match(
    (await explain('calls', 'open/1.0.0')).stdout,
    new RegExp(`502 +backend-connection-refused.*${refused.id}`),
  );
  for (const name of ['failed_calls', 'backend_faults']) {
    const series = `sluice_gateway_${name}_total{cause="backend-connection-refused"}`;
    assert.equal(await metric(program, series), failed.length);
  }

  const before = workersOf(program);
  process.kill(program.pid, 'SIGHUP');
  await logged(program, 'reloaded', 1, 30_000);
  await eventually('the old ones are gone', 30_000, async () =>
    workersOf(program).some((one) => before.includes(one)) ? undefined : true,
  );
  assert.equal((await admin.get(`${callsPath}/${refused.id}`)).json.id, refused.id);
  const kept = await metric(program, 'sluice_gateway_failed_calls_total{cause="backend-connection-refused"}');
  assert.equal(kept, failed.length);
  const none = await explain('00000000-0000-0000-0000-000000000000');
  assert.deepEqual([none.code, none.stdout], [2, '']);
  assert.match(none.stderr, /keeps no call/);
  assert.equal(await program.stop(), 0);
});

test('a gateway without REST explains its calls to the command, those that succeed where all are drawn', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const settings = '[sluice.explain]\nshare = 1\n';
  const program = await serveProject(t, backend.url, { workers: 0, settings });
  const answer = await call(program.urls.gateway as string, `${path}?access_token=hidden`);
  const id = answer.headers['sluice-request-id'] ?? '';
  const explain = (...words: string[]) => runProgram(t, { args: ['explain', ...words, '--json'], home: program.home });
  const story = await eventually('the story', 5000, async () => {
    const { code, stdout } = await explain(id);
    return code === 0 ? stdout : undefined;
  });
  assert.doesNotMatch(story, /hidden/);
  const { kept, status, attempts } = JSON.parse(story);
  assert.deepEqual([kept, status, attempts[0].status], ['sampled', 200, 200]);
  const wrong = await explain('calls', '--kept', 'lost');
  assert.match(wrong.stderr, /--kept takes failed, refused, abandoned, sampled/);
  assert.equal(await program.stop(), 0);
});
