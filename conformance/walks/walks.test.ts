import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, type TestContext, test } from 'node:test';
import { loadSettings } from '@sluice/config';
import { silentLog } from '@sluice/model';
import { openHome } from '../../packages/cli/home/home.ts';
import { tlsIdentity } from '../../packages/cli/home/keystore.ts';
import { startControlPlane } from '../../packages/cli/start/control-plane.ts';
import { startDataPlane } from '../../packages/cli/start/data-plane.ts';
import {
  changeLifecycle,
  clientToken,
  createApi,
  deploy,
  deployRevision,
  httpEndpoint,
  type Journey,
  journey,
  publisher,
  subscribe,
} from '../main-job/journey.ts';
import { temporaryHome } from '../program/program.ts';
import { call } from '../wire/call.ts';
import { eventually } from '../wire/eventually.ts';
import { ok, recordingBackend } from '../wire/recording-backend.ts';
import { executedFiles, namedFiles } from './executed-files.ts';

const contributing = readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8');

/** What may still run for calls that are over: records of the access log that are gathered, looks at connections that rest. */
const byTheClock = [
  'packages/gateway/access-log/',
  'packages/gateway/deadlines/',
  'packages/gateway/transport/route-pool.ts',
  'packages/gateway/transport/backend-connection.ts',
];

describe('the walks of CONTRIBUTING.md name every file that is passed, and no other', () => {
  let job: Journey;
  let gateway: string;
  let sequence: () => number;
  let token: string;
  let apiId: string;
  let revisionId: string;
  const cleanups: (() => unknown)[] = [];
  const suite = { after: (cleanup: () => unknown) => cleanups.push(cleanup) } as unknown as TestContext;

  before(async () => {
    const home = openHome(temporaryHome(suite), {});
    const ports = [
      'transport.https.properties.port',
      'transport.http.properties.port',
      'transport.http.listener.port',
      'transport.http.listener.secured_port',
    ];
    const { settings } = loadSettings({
      home: home.path,
      environment: {},
      arguments: ports.map((key) => ({ key, value: 0, name: key })),
    });
    const control = await startControlPlane(settings, home, silentLog, {});
    cleanups.push(() => control.close());
    const certificates = { listener: await tlsIdentity(settings, home), sender: {} };
    const feed = control.controlPlane.feed('Default');
    const plane = await startDataPlane(settings, home, silentLog, certificates, feed);
    cleanups.push(() => plane.drain(1000));
    await plane.ready;
    sequence = () => plane.sequence;
    gateway = `http://127.0.0.1:${plane.addresses[0]?.port}`;
    job = journey(`http://127.0.0.1:${control.httpPort}`);
    const backend = await recordingBackend(suite, () => ok('{}'));
    const api = await createApi(job, {
      name: 'Walk',
      context: '/walk',
      version: '1',
      operations: [{ target: '/{id}', verb: 'GET' }],
      endpointConfig: httpEndpoint(backend.url),
    });
    apiId = api.id;
    revisionId = await deploy(job, apiId);
    await changeLifecycle(job, apiId, 'Publish');
    token = await clientToken(job, await subscribe(job, apiId));
    await eventually('the API serves', 5000, async () =>
      (await call(gateway, '/walk/1/x', { token })).status === 200 ? true : undefined,
    );
  });

  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  function compare(heading: string, executed: readonly string[]): void {
    const named = namedFiles(contributing, heading);
    assert.deepEqual(
      named.filter((file) => !existsSync(new URL(`../../${file}`, import.meta.url))),
      [],
      'files that are not there',
    );
    assert.deepEqual(
      executed.filter((file) => !named.some((name) => name === file || (name.endsWith('/') && file.startsWith(name)))),
      [],
      `files that are passed but not named under "${heading}"`,
    );
    assert.deepEqual(
      named.filter((name) => !name.endsWith('/') && !executed.includes(name)),
      [],
      `files that are named under "${heading}" but not passed`,
    );
  }

  test('the way of a call', async () => {
    const fresh = await clientToken(job, await subscribe(job, apiId));
    await eventually('the key is known', 5000, async () =>
      (await call(gateway, '/walk/1/x', { token: fresh })).status === 200 ? true : undefined,
    );
    const executed = await executedFiles(async () => {
      assert.equal((await call(gateway, '/walk/1/x', { token })).status, 200);
    });
    compare('The way of a call', executed);
  });

  test('the way of a change', async () => {
    await job.admin.get(`${publisher}/apis/${apiId}`);
    const before = sequence();
    const executed = await executedFiles(async () => {
      await deployRevision(job, apiId, revisionId);
      await eventually('the gateway has it', 5000, async () => (sequence() > before ? true : undefined));
    });
    compare(
      'The way of a change',
      executed.filter((file) => !byTheClock.some((folder) => file.startsWith(folder))),
    );
  });
});
