import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram, temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { metric } from './all-in-one.ts';
import { callsOf, counter, key, path, serveLimited, startAgain } from './limited.ts';
import { lineToEach } from './lines.ts';
import { path as openPath, serveProject } from './projects.ts';
import { logged, logLines, workersOf } from './workers.ts';

test('a limit holds to the call over workers, through a reload and a restart in its window', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const home = temporaryHome(t);
  const program = await serveLimited(t, backend.url, 200, { home });
  const gateway = program.urls.gateway as string;
  const admitted = async (url: string, count: number) => {
    const statuses = await callsOf(url, count);
    for (const status of statuses.keys()) assert.ok(status === 200 || status === 429, `status ${status}`);
    return statuses.get(200) ?? 0;
  };
  assert.equal(await admitted(gateway, 60), 60);
  process.kill(program.pid, 'SIGHUP');
  const [during] = await Promise.all([admitted(gateway, 40), logged(program, 'reloaded', 1, 30_000)]);
  assert.equal(during, 40);
  assert.equal(await admitted(gateway, 30), 30);
  assert.equal(await program.stop(), 0);

  const second = await startAgain(t, home);
  assert.equal(await admitted(second.urls.gateway as string, 150), 70, 'what is left after 130 of 200');
  await second.stop('SIGKILL');
  const third = await startAgain(t, home);
  assert.equal(await admitted(third.urls.gateway as string, 20), 0);
  assert.equal(backend.requests.length, 200);
  assert.equal(await third.stop(), 0);
});

test('a worker that is killed in the window hands its calls to nobody twice', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const program = await serveLimited(t, backend.url, 300, { home: temporaryHome(t) });
  const gateway = program.urls.gateway as string;
  const load = callsOf(gateway, 1000);
  await eventually('calls pass', 10_000, async () => (backend.requests.length > 50 ? true : undefined));
  process.kill(workersOf(program)[0] as number, 'SIGKILL');
  const statuses = await load;
  await logged(program, 'a gateway process ended and is replaced');
  const more = await callsOf(gateway, 100);
  const admitted = (statuses.get(200) ?? 0) + (more.get(200) ?? 0);
  const cut = statuses.get(0) ?? 0;
  assert.ok(backend.requests.length <= 300, `${backend.requests.length} calls reached the backend`);
  // A worker holds what its calls in flight were granted, and no more of a limit this small.
  assert.ok(admitted + cut >= 297 - 20, `${admitted} calls passed, ${cut} were cut`);
  assert.equal(more.get(200) ?? 0, 0);
  assert.equal(await program.stop(), 0);
});

test('a program that is killed in the window counts on where it was', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const home = temporaryHome(t);
  const program = await serveLimited(t, backend.url, 300, { home, workers: 0 });
  assert.equal((await callsOf(program.urls.gateway as string, 100)).get(200), 100);
  await program.stop('SIGKILL');
  const second = await startAgain(t, home, '', 0);
  assert.equal((await callsOf(second.urls.gateway as string, 400)).get(200), 200);
  assert.equal(await second.stop(), 0);
});

test('kept counters can be switched off, and a file that is none does not stop the start', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const home = temporaryHome(t);
  const settings = '[apim.throttling]\nenable_persistence = false';
  const program = await serveLimited(t, backend.url, 10, { home, settings, workers: 0 });
  assert.equal((await callsOf(program.urls.gateway as string, 20)).get(200), 10);
  assert.equal(await program.stop(), 0);
  const second = await startAgain(t, home, settings, 0);
  assert.equal((await callsOf(second.urls.gateway as string, 20)).get(200), 10);
  assert.equal(await second.stop(), 0);
});

for (const [fail, status] of [
  ['local-share', 503],
  ['closed', 503],
  ['open', 200],
] as const) {
  test(`workers that lost their main process answer ${status} where fail is ${fail}`, async (t) => {
    const backend = await recordingBackend(t, () => ok('{}'));
    const settings = `[sluice.throttle]\nfail = "${fail}"`;
    const program = await serveLimited(t, backend.url, 100, { home: temporaryHome(t), settings });
    const lines = await lineToEach(t, program.urls.gateway as string, workersOf(program));
    for (const line of lines) assert.equal(await line.get(path), 200);
    await program.stop('SIGKILL');
    await logged(program, 'the main process is gone; this one ends its calls and follows', 2);
    // A connection without a call may bring a last one.
    const answers = await Promise.all(lines.map((line) => line.get(path)));
    assert.deepEqual(answers, [status, status]);
  });
}

test('an operator sees a counter, its holders and its end on the machine, over REST and as events, and resets it', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const home = temporaryHome(t);
  const program = await serveLimited(t, backend.url, 20, { home });
  const gateway = program.urls.gateway as string;
  const sluice = (...args: string[]) => runProgram(t, { home, args: ['throttle', ...args] });
  assert.match((await sluice()).stdout, /Nothing was counted/);
  assert.equal((await callsOf(gateway, 17, 1)).get(200), 17);
  assert.equal((await callsOf(gateway, 33)).get(200), 3);

  const table = await sluice('list', '--search', 'LIMITED', '--level', 'api');
  assert.equal(table.code, 0);
  assert.match(
    table.stdout,
    /^api +\/limited\/1\.0\.0:1\.0\.0 +20 calls \(100 %\) +20 +30 day +20\d\d-.*Z +api\/calls\/30day/m,
  );
  const { total, counters } = JSON.parse((await sluice('list', '--level', 'api', '--json')).stdout);
  assert.equal(total, 1);
  const [one] = counters;
  assert.deepEqual([one.id, one.used, one.left, one.limit], [counter, 20, 0, 20]);
  const held = one.holders as { name: string; units: number }[];
  assert.equal(
    held.reduce((sum, { units }) => sum + units, 0),
    20,
  );
  const pids = workersOf(program);
  assert.ok(held.every(({ name }) => pids.some((pid) => name === `worker ${pid}`)));
  assert.match((await sluice('show', key)).stdout, /^left +0$/m);
  const rest = await program.job.admin.get(`/api/sluice/v1/throttle/counters/${encodeURIComponent(counter)}`);
  assert.equal(rest.json.used, 20);

  assert.equal(logLines(program, 'a limit is reached').length, 1);
  const events: Record<string, unknown>[] = readFileSync(join(home, 'logs', 'throttle_events.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map((one) => [one.event, one.key, one.limit]),
    [
      ['limit-near', key, 20],
      ['limit-reached', key, 20],
    ],
  );
  assert.equal(await metric(program, 'sluice_throttle_near_limit_total{level="api",event="reached"}'), 1);
  assert.ok(((await metric(program, 'sluice_throttle_counters')) ?? 0) >= 1);
  await eventually('all decisions are counted', 5000, async () =>
    (await metric(program, 'sluice_throttle_decisions_total{level="api",outcome="refused"}')) === 30 ? true : undefined,
  );
  assert.equal(await metric(program, 'sluice_throttle_decisions_total{level="api",outcome="admitted"}'), 20);

  const reset = await sluice('reset', key);
  assert.deepEqual([reset.code, reset.stdout], [0, `${counter} begins anew.\n`]);
  assert.equal((await callsOf(gateway, 50)).get(200), 20, 'every worker has forgotten that it was exhausted');
  await program.job.admin.call('DELETE', `/api/sluice/v1/throttle/counters/${encodeURIComponent(counter)}`, {
    expect: 200,
  });
  assert.equal((await call(gateway, path)).status, 200);

  const wrong = await sluice('show', 'nobody');
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /nothing was counted for nobody/);
  assert.equal((await sluice('list', '--limit', '0')).code, 2);
  assert.equal((await sluice('forget')).code, 2);
  assert.equal(await program.stop(), 0);
  const gone = await sluice('list');
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /no gateway runs in the home .*start it, or name another home with --home/);
});

test('two gateways over folders in one home both serve; the first is the one that commands reach', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const home = temporaryHome(t);
  const first = await serveProject(t, backend.url, { home, workers: 0 });
  const second = await serveProject(t, backend.url, { home, workers: 0 });
  const warning = await logged(
    second,
    'another gateway runs in this home: the counters of this one are not kept, and commands reach the other',
  );
  assert.equal(warning.pid, second.pid);
  for (const { urls } of [first, second]) assert.equal((await call(urls.gateway as string, openPath)).status, 200);
  const list = () => runProgram(t, { home, args: ['throttle', 'list', '--json'] });
  assert.equal((await list()).code, 0);
  assert.equal(await second.stop(), 0);
  assert.equal((await list()).code, 0, 'the socket of the first one is still there');
  assert.equal(await first.stop(), 0);
  assert.equal((await list()).code, 2);
});
