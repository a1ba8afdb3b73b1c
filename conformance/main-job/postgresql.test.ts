import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPostgresql } from '@sluice/store/testing';
import { startProgram, temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import {
  changeLifecycle,
  clientToken,
  deploy,
  httpEndpoint,
  importDescription,
  journey,
  publisher,
  subscribe,
} from './journey.ts';

const description = `
openapi: 3.1.0
info: { title: Weather, version: 2.0.0 }
paths:
  /stations/{id}:
    get: { responses: { '200': { description: One station } } }
`;

test('deployment.toml alone moves the main job to PostgreSQL, and what was made there survives a restart', async (t) => {
  const server = await startPostgresql();
  t.after(() => server.stop());
  const database = await server.createDatabase();
  const backend = await recordingBackend(t, () => ok('{"station":7}'));
  const home = temporaryHome(t);
  const settings = `
[database.apim_db]
type = "postgre"
url = "jdbc:postgresql://${database.host}:${database.port}/${database.database}"
username = "${database.user}"
pool_options = { maxActive = 5, maxWait = 5000, testOnBorrow = true, validationQuery = "SELECT 1", validationInterval = 30000 }
`;
  const start = () => startProgram(t, { args: ['start', '--no-sample'], home, settings });
  let program = await start();
  const job = journey(program.urls.controlHttp as string);
  const api = await importDescription(
    job,
    description,
    {
      name: 'Weather',
      context: '/weather',
      version: '2.0.0',
      policies: ['Unlimited'],
      endpointConfig: httpEndpoint(backend.url),
    },
    'weather.yaml',
  );
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const token = await clientToken(job, await subscribe(job, api.id));
  const works = async () => {
    const gateway = program.urls.gateway as string;
    const answer = await eventually('the API serves', 5000, async () => {
      const response = await call(gateway, '/weather/2.0.0/stations/7', { token });
      return response.status === 200 ? response : undefined;
    });
    assert.deepEqual(answer.json(), { station: 7 });
  };
  await works();
  assert.equal(await program.stop(), 0);
  program = await start();
  await works();
  const list = await journey(program.urls.controlHttp as string).admin.get(`${publisher}/apis`);
  assert.deepEqual(
    list.json.list.map(({ name }: { name: string }) => name),
    ['Weather'],
  );
});
