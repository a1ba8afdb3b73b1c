import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProgram, temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { forwarder } from '../wire/forwarder.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  devportal,
  httpEndpoint,
  journey,
  subscribe,
} from './journey.ts';

test('a gateway in a process of its own serves while the control plane is away, and catches up when it is back', async (t) => {
  const backend = await recordingBackend(t, () => ok('{"ok":true}'));
  const feed = await forwarder(t);
  const controlHome = temporaryHome(t);
  const gatewayHome = temporaryHome(t);
  const startControl = async () => {
    const control = await startProgram(t, {
      args: ['start', '--role', 'control-plane', '--no-sample'],
      home: controlHome,
    });
    feed.leadTo(control.urls.controlHttp as string);
    return control;
  };
  const startGateway = () =>
    startProgram(t, {
      args: ['start', '--role', 'gateway'],
      home: gatewayHome,
      settings: `[apim.event_hub]\nservice_url = "${feed.url}"\nusername = "admin"\npassword = "admin"\n`,
    });

  let control = await startControl();
  let gateway = await startGateway();
  let job = journey(control.urls.controlHttp as string);
  const operations = [{ target: '/*', verb: 'GET' }];
  const api = await createApi(job, {
    name: 'First',
    context: '/first',
    version: '1.0.0',
    operations,
    endpointConfig: httpEndpoint(backend.url),
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const keys = await subscribe(job, api.id);
  const token = await clientToken(job, keys);
  const status = async (path: string) => (await call(gateway.urls.gateway as string, path, { token })).status;
  const serves = (path: string, wanted: number) =>
    eventually(`${path} answers ${wanted}`, 10_000, async () => ((await status(path)) === wanted ? true : undefined));
  await serves('/first/1.0.0/x', 200);

  // The control plane ends: calls go on, also from a gateway that starts without it.
  feed.cut();
  assert.equal(await control.stop(), 0);
  for (let index = 0; index < 20; index++) assert.equal(await status('/first/1.0.0/x'), 200);
  assert.equal(await gateway.stop(), 0);
  gateway = await startGateway();
  assert.equal(await status('/first/1.0.0/x'), 200, 'served from the snapshot on disk');

  // Changes made while this gateway is away arrive when it can see the control plane again.
  control = await startProgram(t, { args: ['start', '--role', 'control-plane', '--no-sample'], home: controlHome });
  job = journey(control.urls.controlHttp as string);
  const second = await createApi(job, {
    name: 'Second',
    context: '/second',
    version: '1.0.0',
    operations,
    endpointConfig: httpEndpoint(backend.url),
  });
  await deploy(job, second.id);
  await changeLifecycle(job, second.id, 'Publish');
  await job.admin.post(
    `${devportal}/subscriptions`,
    { applicationId: keys.applicationId, apiId: second.id, throttlingPolicy: 'Unlimited' },
    201,
  );
  assert.equal(await status('/second/1.0.0/x'), 404);
  feed.leadTo(control.urls.controlHttp as string);
  await serves('/second/1.0.0/x', 200);

  // And so do changes after a broken connection.
  feed.cut();
  await job.admin.call('DELETE', `${devportal}/subscriptions/${keys.subscriptionId}`, { expect: 200 });
  feed.leadTo(control.urls.controlHttp as string);
  await serves('/first/1.0.0/x', 403);
  assert.equal(await status('/second/1.0.0/x'), 200);
});
