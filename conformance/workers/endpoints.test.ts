import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deploy } from '../main-job/journey.ts';
import { type Program, runProgram } from '../program/program.ts';
import { eventually } from '../wire/eventually.ts';
import { recordingBackend } from '../wire/recording-backend.ts';
import { metric, serveApi } from './all-in-one.ts';
import { lineToEach } from './lines.ts';
import { path, serveProject } from './projects.ts';
import { logged, workersOf } from './workers.ts';

/** An address of this machine at which nobody listens: the discard port, which needs rights to be bound. */
const dead = 'http://127.0.0.1:9/';

/** Longer than any of this takes, milliseconds. */
const rest = 600_000;
const longRest = `[synapse_properties]\n'synapse.global_endpoint_suspend_duration' = ${rest}\n`;

interface Endpoint {
  readonly id: string;
  readonly state?: string;
  readonly [member: string]: unknown;
}

const statesPath = '/api/sluice/v1/endpoints';

/** The status of a first call over a new connection to each worker. */
async function answersOfEach(t: TestContext, program: Program): Promise<number[]> {
  const lines = await lineToEach(t, program.urls.gateway as string, workersOf(program));
  return Promise.all(lines.map((line) => line.get(path)));
}

/** Waits until those processes are gone and two others serve. */
async function twoServe(program: Program, gone: readonly number[]): Promise<void> {
  await eventually('two processes serve', 30_000, async () => {
    const workers = workersOf(program);
    if (workers.length !== 2 || workers.some((one) => gone.includes(one))) return undefined;
    return (await metric(program, 'sluice_gateway_workers')) === 2 ? true : undefined;
  });
}

test('a suspension that one worker causes holds in the others, in the successor of a killed one and after a reload, until an operator ends it', async (t) => {
  const program = await serveApi(t, dead, longRest);
  const { admin } = program.job;
  const id = `${program.apiId}/prod`;
  const list = async (): Promise<Endpoint[]> => (await admin.get(statesPath)).json.list;
  const find = async () => (await list()).find((one) => one.id === id) as Endpoint;
  const fresh = await find();
  assert.deepEqual(fresh, {
    ...{ id, api: 'Open/1.0.0', name: 'prod', url: dead, side: 'production' },
    ...{ state: 'active', answers: 0, faults: 0 },
  });

  const [first, second] = await lineToEach(t, program.urls.gateway as string, workersOf(program));
  assert.equal(await first?.get(path), 502);
  // An answer about endpoints is one of all processes: who gives it has what was told before.
  const suspended = await eventually('the suspension is known', 5000, async () => {
    const endpoint = await find();
    return endpoint.state === 'suspended' ? endpoint : undefined;
  });
  assert.equal(await second?.get(path), 503, 'the first call of the other one');
  const { since, nextTryIn, ...others } = suspended;
  assert.deepEqual(others, {
    ...{ ...fresh, state: 'suspended', faults: 1 },
    cause: { code: 101503, key: 'backend-connection-refused', words: 'backend connection refused' },
  });
  assert.ok(Math.abs(Date.now() - Date.parse(String(since))) < rest);
  assert.ok(Number(nextTryIn) > 0 && Number(nextTryIn) <= rest);
  const labels = `{api="Open/1.0.0",endpoint="prod",id="${id}"}`;
  assert.equal(await metric(program, `sluice_endpoint_state${labels}`), 3);
  assert.equal(await metric(program, `sluice_endpoint_faults_total${labels}`), 1);

  for (const worker of workersOf(program)) {
    process.kill(worker, 'SIGKILL');
    await twoServe(program, [worker]);
    assert.deepEqual(await answersOfEach(t, program), [503, 503]);
  }
  process.kill(program.pid, 'SIGHUP');
  const replaced = workersOf(program);
  await logged(program, 'reloaded', 1, 30_000);
  await twoServe(program, replaced);
  assert.deepEqual(await answersOfEach(t, program), [503, 503]);
  const later = await find();
  assert.deepEqual([later.state, later.faults], ['suspended', 1]);
  // Other processes count from another start, in milliseconds.
  assert.ok(Math.abs(Date.parse(String(later.since)) - Date.parse(String(since))) < 1000);
  assert.ok(Number(later.nextTryIn) < Number(nextTryIn));

  const resumed = await admin.post(`${statesPath}/${encodeURIComponent(id)}/resume`, undefined, 200);
  assert.equal(resumed.json.state, 'active');
  const [again] = await lineToEach(t, program.urls.gateway as string, workersOf(program));
  assert.equal(await again?.get(path), 502);
  assert.equal((await find()).faults, 2);
  assert.equal(await program.stop(), 0);
});

test('an endpoint that is switched off is off in all workers at once, over new revisions, and on again', async (t) => {
  const backend = await recordingBackend(t);
  const program = await serveApi(t, backend.url);
  const { home } = program;
  const sluice = (...args: string[]) => runProgram(t, { home, args: ['endpoints', ...args] });
  const lines = await lineToEach(t, program.urls.gateway as string, workersOf(program));
  const answers = () => Promise.all(lines.map((line) => line.get(path)));
  assert.deepEqual(await answers(), [200, 200]);

  const off = await sluice('suspend', 'Open/1.0.0/prod');
  assert.deepEqual([off.code, off.stdout], [0, `Open/1.0.0/prod is off: ${backend.url}\n`]);
  assert.deepEqual(await answers(), [503, 503]);
  assert.equal(backend.requests.length, 2);
  await deploy(program.job, program.apiId);
  assert.deepEqual(await answersOfEach(t, program), [503, 503]);
  const table = await sluice();
  assert.match(table.stdout, /^off +20\d\d-\S+Z +- +- +2 +0 +Open\/1\.0\.0 +prod +http/m);
  assert.match(table.stdout, /^active +- +- +- +0 +0 +Open\/1\.0\.0 +sandbox +http/m);
  const { total, endpoints } = JSON.parse((await sluice('list', '--state', 'off', '--json')).stdout);
  assert.deepEqual([total, endpoints[0].id], [1, `${program.apiId}/prod`]);

  const on = await sluice('resume', endpoints[0].id, '--json');
  assert.equal(JSON.parse(on.stdout).state, 'active');
  assert.deepEqual(await answersOfEach(t, program), [200, 200]);
  const said = await logged(program, 'an endpoint was switched on');
  assert.deepEqual([said.api, said.endpoint], ['Open/1.0.0', 'prod']);

  for (const wrong of [['suspend', 'Open/2.0.0/prod'], ['suspend'], ['list', '--state', 'asleep'], ['forget', 'x']]) {
    const { code, stdout, stderr } = await sluice(...wrong);
    assert.deepEqual([code, stdout], [2, ''], wrong.join(' '));
    assert.match(stderr, /sluice endpoints: (?:the gateway serves no|say:|--state takes)/);
  }
  assert.equal(await program.stop(), 0);
});

test('a gateway without workers keeps and shows the states of its own', async (t) => {
  const program = await serveProject(t, dead, { workers: 0 });
  const [line] = await lineToEach(t, program.urls.gateway as string, [program.pid]);
  const sluice = (...args: string[]) => runProgram(t, { home: program.home, args: ['endpoints', ...args] });
  assert.deepEqual([await line?.get(path), await line?.get(path)], [502, 503]);
  const shown = JSON.parse((await sluice('list', '--json')).stdout).endpoints[0];
  assert.deepEqual([shown.api, shown.state, shown.faults], ['Open/1.0.0', 'suspended', 1]);
  assert.match((await sluice('resume', shown.id)).stdout, /is active/);
  assert.equal(await line?.get(path), 502);
  assert.match((await sluice('suspend', shown.id)).stdout, /is off/);
  assert.equal(await line?.get(path), 503);
  assert.equal(await program.stop(), 0);
});
