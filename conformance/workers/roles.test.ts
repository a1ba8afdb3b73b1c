import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { changeLifecycle, createApi, deploy, httpEndpoint, journey } from '../main-job/journey.ts';
import { startProgram, temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { forwarder } from '../wire/forwarder.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { logged, workersOf } from './workers.ts';

const path = '/open/1.0.0/items';

test('a gateway apart follows the control plane once for all workers, and a successor serves while that is away', async (t) => {
  const backend = await recordingBackend(t, () => ok('{}'));
  const feed = await forwarder(t);
  const control = await startProgram(t, { args: ['start', '--role', 'control-plane', '--no-sample'] });
  feed.leadTo(control.urls.controlHttp as string);
  const home = temporaryHome(t);
  const startGateway = () =>
    startProgram(t, {
      args: ['start', '--role', 'gateway'],
      home,
      settings: `[apim.event_hub]\nservice_url = "${feed.url}"\nusername = "admin"\npassword = "admin"\n`,
      env: { SLUICE_GATEWAY__WORKERS: '2' },
    });
  const gateway = await startGateway();
  await logged(gateway, 'all gateway processes serve');
  const job = journey(control.urls.controlHttp as string);
  const api = await createApi(job, {
    name: 'Open',
    context: '/open',
    version: '1.0.0',
    operations: [{ target: '/items', verb: 'GET', authType: 'None', throttlingPolicy: 'Unlimited' }],
    endpointConfig: httpEndpoint(backend.url),
  });
  await deploy(job, api.id);
  await changeLifecycle(job, api.id, 'Publish');
  const served = async (url: string) => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => call(url, path)));
    return answers.every(({ status }) => status === 200) ? true : undefined;
  };
  await eventually('both workers serve', 10_000, () => served(gateway.urls.gateway as string));
  assert.equal(feed.open, 1, 'one connection to the control plane');

  feed.cut();
  const before = workersOf(gateway);
  for (const [index, pid] of before.entries()) {
    process.kill(pid, 'SIGKILL');
    await logged(gateway, 'a gateway process ended and is replaced', index + 1);
  }
  assert.equal(await served(gateway.urls.gateway as string), true, 'from what the main process knows');
  assert.equal(await gateway.stop(), 0);
  assert.ok(existsSync(join(home, 'data', 'snapshot.json')));
  const again = await startGateway();
  assert.equal(await served(again.urls.gateway as string), true, 'from the disk');
  assert.equal(await again.stop(), 0);
});
