import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { httpEndpoint, journey, publisher } from '../main-job/journey.ts';
import { RestClient } from '../main-job/rest-client.ts';
import { anyPorts, runProgram, startProgram, temporaryHome, urlsOf } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';

const main = fileURLToPath(new URL('../../packages/cli/main.ts', import.meta.url));

test('a second program in the same home ends with the name of the first, which goes on', async (t) => {
  const first = await startProgram(t, { args: ['start', '--no-sample'] });
  const second = await runProgram(t, { args: ['start', '--no-sample'], home: first.home });
  assert.equal(second.code, 2);
  assert.match(second.stderr, new RegExp(`in use by process ${first.pid}`));
  assert.ok(second.stderr.includes(first.home), second.stderr);
  assert.equal((await fetch(`${first.urls.controlHttp}/healthz`)).status, 200);

  await first.stop('SIGKILL');
  const next = await startProgram(t, { args: ['start', '--no-sample'], home: first.home });
  assert.equal(await next.stop(), 0);
});

test('a changed host name reaches the portals at the next start, and the sample is called all the same', async (t) => {
  const home = temporaryHome(t);
  const before = await startProgram(t, { home });
  await eventually('the sample is there', 10_000, async () => before.lines.find((line) => line.startsWith('curl ')));
  assert.equal(await before.stop(), 0);
  const program = await startProgram(t, { home, settings: '[server]\nhostname = "api.sluice.example"\n' });
  const line = await eventually('the sample line is printed', 10_000, async () =>
    program.lines.find((printed) => printed.startsWith('curl ')),
  );
  const [, token = '', url = ''] = /Bearer (\S+)' (\S+)/.exec(line) ?? [];
  assert.equal((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status, 200);
  const admin = RestClient.basic((program.urls.controlHttp as string).replace('api.sluice.example', '127.0.0.1'));
  const environments = (await admin.get('/api/am/admin/v4/environments')).json.list;
  assert.deepEqual(
    environments.map(({ vhosts }: { vhosts: { host: string }[] }) => vhosts.map(({ host }) => host)),
    [['api.sluice.example']],
  );
  assert.doesNotMatch(program.stderr(), /sample/);
});

test('an environment that the settings name is served, under the addresses that they give', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const settings = `
[[apim.gateway.environment]]
name = "Production Box"
display_name = "Box"
https_endpoint = "https://gw.sluice.example/edge"
`;
  const program = await startProgram(t, { args: ['start', '--no-sample'], settings });
  const { admin } = journey(program.urls.controlHttp as string);
  const [environment] = (await admin.get('/api/am/admin/v4/environments')).json.list;
  assert.equal(environment.name, 'Production Box');
  assert.equal(environment.displayName, 'Box');
  assert.equal(environment.vhosts[0].host, 'gw.sluice.example');
  assert.equal(environment.vhosts[0].httpsPort, 443);
  assert.equal(environment.vhosts[0].httpContext, 'edge');
  const api = await admin.post(
    `${publisher}/apis`,
    {
      ...{ name: 'Boxed', context: '/boxed', version: '1', endpointConfig: httpEndpoint(backend.url) },
      operations: [{ target: '/*', verb: 'GET', authType: 'None' }],
    },
    201,
  );
  const revision = await admin.post(`${publisher}/apis/${api.json.id}/revisions`, {}, 201);
  await admin.post(
    `${publisher}/apis/${api.json.id}/deploy-revision?revisionId=${revision.json.id}`,
    [{ name: 'Production Box' }],
    201,
  );
  await eventually('the gateway serves it', 5000, async () =>
    (await call(program.urls.gateway as string, '/boxed/1/x')).status === 200 ? true : undefined,
  );
});

test('a gateway that still waits for its first picture ends when it is told to', async (t) => {
  const home = temporaryHome(t);
  const settings = `${anyPorts}[apim.event_hub]\nservice_url = "https://127.0.0.1:1"\n`;
  writeFileSync(join(home, 'deployment.toml'), settings);
  const child = spawn(process.execPath, [main, 'start', '--role', 'gateway', '--home', home], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  // Other warnings may come before.
  for await (const line of createInterface({ input: child.stderr })) if (/feed is away/.test(line)) break;
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});

test('whoever read the output may leave, as in sluice start | head -1', async (t) => {
  const home = temporaryHome(t);
  writeFileSync(join(home, 'deployment.toml'), anyPorts);
  const child = spawn(process.execPath, [main, 'start', '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const [printed] = await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stderr.destroy();
  const control = urlsOf(String(printed)).controlHttp as string;
  assert.equal((await fetch(`${control}/healthz`)).status, 200);
  // The line of the sample is printed before the stop is looked at.
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});

test('a word that means nothing is refused instead of ignored: a home without --home', async (t) => {
  const { code, stderr } = await runProgram(t, { args: ['start', '/srv/other'] });
  assert.equal(code, 2);
  assert.match(stderr, /"\/srv\/other" means nothing here/);
});
