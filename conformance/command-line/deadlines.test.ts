import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deploy, journey, publisher } from '../main-job/journey.ts';
import { runProgram, startProgram, temporaryHome } from '../program/program.ts';
import { writeProject } from '../projects/project.ts';
import { eventually } from '../wire/eventually.ts';

/** The global deadline is at its place, below what silence is allowed. */
const settings = `[passthru_http]
"http.socket.timeout" = 60000
[synapse_properties]
"synapse.global_timeout_interval" = 50000
`;

test('deadlines that keep each other from firing are told by save, log, start and doctor; explain prints the ladder', async (t) => {
  const program = await startProgram(t, { args: ['start', '--no-sample'], settings });
  const { home } = program;
  const way = journey(program.urls.controlHttp as string);
  const config = { actionSelect: 'fault', actionDuration: '100000' };
  const { json: api, headers } = await way.admin.post(
    `${publisher}/apis`,
    {
      ...{ name: 'Patient', context: '/patient', version: '1.0.0', policies: ['Unlimited'] },
      endpointConfig: { endpoint_type: 'http', production_endpoints: { url: 'http://127.0.0.1:9/x', config } },
      operations: [{ target: '/x', verb: 'GET' }],
    },
    201,
  );
  const told =
    /endpoint of 100000 ms \(API Patient\/1\.0\.0 prod config\.actionDuration\) is above first-byte of 60000 ms/;
  assert.match(headers.get('sluice-warnings') ?? '', told);
  const log = () => readFileSync(join(home, 'logs', 'sluice.log'), 'utf8').split('\n');
  assert.ok(log().some((line) => told.test(line) && line.includes('control-plane')));
  await deploy(way, api.id);
  await eventually('the gateway tells of the API that it got', 10_000, async () =>
    log().some((line) => told.test(line) && line.includes('"gateway"')) ? true : undefined,
  );

  const explained = await runProgram(t, { args: ['explain', 'timeouts', 'Patient/1.0.0'], home });
  assert.equal(explained.code, 0, explained.stderr);
  assert.match(explained.stdout, /^API Patient\/1\.0\.0, revision 1 in Default, at \/patient\/1\.0\.0\n\nGET \/x\n/);
  assert.match(
    explained.stdout,
    /first-byte +60,000 ms +deployment\.toml:\d+ \(passthru_http\.http\.socket\.timeout\)\n/,
  );
  assert.match(explained.stdout, /A backend that stays silent: first-byte fires first, after 60,000 ms\./);
  const json = await runProgram(t, { args: ['explain', 'timeouts', api.id, '--json'], home });
  const rest = await way.admin.get(`/api/sluice/v1/apis/${api.id}/timeouts`);
  assert.deepEqual(JSON.parse(json.stdout), rest.json.list);

  const doctor = await runProgram(t, { args: ['doctor'], home });
  assert.equal(doctor.code, 0, doctor.stderr);
  assert.match(doctor.stdout, /^The settings are in order\.\n\nAPI Patient\/1\.0\.0\n/);
  assert.match(doctor.stdout, told);
  assert.match(doctor.stdout, /APIs looked at: 1; 1 with something to tell\.\n$/);

  assert.equal(await program.stop(), 0);
  const again = await startProgram(t, { args: ['start', '--no-sample'], home, settings });
  await eventually('the start tells of it', 10_000, async () => (told.test(again.stderr()) ? true : undefined));
});

test('explain timeouts and the doctor take a folder of projects, and say what is not there', async (t) => {
  const nothing = await runProgram(t, { args: ['explain', 'timeouts', 'orders'] });
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /there is no database in /);
  const doctor = await runProgram(t, { args: ['doctor'] });
  assert.equal(doctor.code, 0);
  assert.match(doctor.stdout, /There are no APIs/);
  const folder = join(temporaryHome(t), 'apis');
  writeProject(folder, 'Alpha', 'http://127.0.0.1:9/x');
  const ladder = await runProgram(t, { args: ['explain', 'timeouts', 'Alpha', '--apis', folder] });
  assert.match(ladder.stdout, /A backend that stays silent: global fires first, after 120,000 ms\./, ladder.stderr);
  const projects = await runProgram(t, { args: ['doctor', '--apis', folder] });
  assert.match(projects.stdout, /APIs looked at: 1; nothing is wrong with their endpoints\.\n$/, projects.stderr);
  const upside = '[passthru_http]\n"http.socket.timeout" = "soon"\n';
  const broken = await runProgram(t, { args: ['doctor'], settings: upside });
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /http\.socket\.timeout/);
});
