import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProgram } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { Load } from '../wire/load.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  deployRevision,
  httpEndpoint,
  journey,
  publisher,
  subscribe,
} from './journey.ts';

const switches = 1000;

test(`${switches} switches between two revisions under load lose no call`, async (t) => {
  const backend = await recordingBackend(t, ({ target }) => ok(`{"target":"${target}"}`));
  const program = await startProgram(t, { args: ['start', '--no-sample'] });
  const job = journey(program.urls.controlHttp as string);
  const gateway = program.urls.gateway as string;
  const api = await createApi(job, {
    name: 'Switching',
    context: '/switching',
    version: '1.0.0',
    endpointConfig: httpEndpoint(`${backend.url}/blue`),
    operations: [{ target: '/*', verb: 'GET' }],
  });
  const blue = await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const token = await clientToken(job, await subscribe(job, api.id));
  const working = await job.admin.get(`${publisher}/apis/${api.id}`);
  await job.admin.call('PUT', `${publisher}/apis/${api.id}`, {
    json: { ...working.json, endpointConfig: httpEndpoint(`${backend.url}/green`) },
    expect: 200,
  });
  const green = await deploy(job, api.id);
  const path = '/switching/1.0.0/item';
  await eventually('the API serves', 5000, async () =>
    (await call(gateway, path, { token })).text.includes('/green/item') ? true : undefined,
  );

  const load = new Load(gateway, `GET ${path} HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer ${token}\r\n\r\n`, 8);
  load.start();
  for (let index = 0; index < switches; index++) {
    await deployRevision(job, api.id, index % 2 === 0 ? blue : green);
  }
  const { answers, failures, seen } = await load.stop();
  t.diagnostic(`${answers} calls during ${switches} switches`);
  assert.deepEqual(failures, []);
  assert.ok(answers > switches, `${answers} calls were made meanwhile`);
  assert.ok(seen.has('/blue/item') && seen.has('/green/item'), 'both revisions served');
});
