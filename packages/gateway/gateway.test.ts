import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FeedEvent, silentLog } from '@sluice/model';
import { Chain } from './chain/chain.ts';
import { TokenVerifier } from './chain/token-verifier.ts';
import { type Gateway, projectSource, remoteSource, startGateway } from './index.ts';
import { Picture } from './snapshot/picture.ts';
import { Stories } from './story/stories.ts';
import { deployedApi, entry, leaf } from './testing/entities.ts';
import { commonPicture, issuer, ordersApi, stage } from './testing/gateway.ts';
import { bearer, call, startBackend } from './testing/http.ts';
import { bareSettings, bareThrottler } from './testing/settings.ts';
import { TestSource } from './testing/source.ts';
import { until } from './testing/until.ts';
import { createListener } from './transport/index.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const loopback = [{ host: '127.0.0.1', port: 0 }] as const;

function portOf(gateway: Gateway): number {
  return gateway.addresses[0]?.port ?? 0;
}

test('1,000 swaps of the picture under load lose no call', async (t) => {
  const backend = await startBackend();
  t.after(() => backend.close());
  const verifier = new TokenVerifier({ cacheSize: 100, skew: 0 });
  const settings = {
    subscriptionCheck: true,
    environmentType: 'hybrid',
    loggedHeaders: [],
    correlationHeader: 'activityid',
    checksOrigins: false,
    documents: null,
    faultStatus: 'sluice',
  } as const;
  const stories = new Stories({}, bareSettings.timeouts, bareSettings.leaves);
  const chain = new Chain({ ...settings, log: silentLog, verifier, throttler: bareThrottler(), stories }, null);
  const listener = createListener({ host: '127.0.0.1', port: 0, handler: chain });
  const port = await listener.listen();
  t.after(() => listener.close());
  const picture = new Picture(bareSettings, silentLog);
  for (const { kind, id, value } of commonPicture(backend)) picture.apply(kind, id, value);
  let swaps = 0;
  const swap = () => {
    const revision = `/revision-${swaps % 7}`;
    const endpoints = { production: leaf(`${backend.url}${revision}`), sandbox: null };
    picture.apply('api', 'api-1', ordersApi(backend, { revisionId: revision, endpoints }));
    chain.swap(picture.commit(++swaps));
  };
  swap();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  t.after(() => agent.destroy());
  const headers = bearer(issuer.token());
  const statuses = new Map<number, number>();
  const client = async () => {
    while (swaps < 1000) {
      const { status } = await call(port, '/orders/1.0.0/x', { agent, headers });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const swapping = new Promise<void>((resolve) => {
    const next = () => {
      swap();
      if (swaps < 1000) setImmediate(next);
      else resolve();
    };
    setImmediate(next);
  });
  await Promise.all([swapping, ...Array.from({ length: 8 }, client)]);
  assert.deepEqual([...statuses.keys()], [200]);
  assert.ok((statuses.get(200) ?? 0) > 50, `${statuses.get(200)} calls`);
  assert.equal(backend.received.length, statuses.get(200));
});

test('a change on the feed is visible within a second, while calls go on', async (t) => {
  const { call: ask, put, source, gateway, backend } = await stage(t);
  const headers = bearer(issuer.token());
  let failed = 0;
  let stopped = false;
  const calling = (async () => {
    while (!stopped) if ((await ask('/orders/1.0.0/x', { headers })).status !== 200) failed++;
  })();
  const before = gateway.swapCount;
  for (let i = 0; i < 30; i++) {
    const began = performance.now();
    await put(entry.api(ordersApi(backend, { revisionId: `revision-${i}` })));
    assert.ok(performance.now() - began < 1000);
  }
  stopped = true;
  await calling;
  assert.equal(failed, 0);
  assert.equal(gateway.sequence, source.sequence);
  assert.ok(gateway.swapCount - before >= 30);
});

test('a gateway starts from its disk while the source is away, and catches up', async (t) => {
  const snapshotFile = join(await temporaryFolder(t), 'snapshot');
  const first = await stage(t, { snapshotFile });
  await first.gateway.close();
  first.source.available = false;
  const second = await startGateway({
    listeners: loopback,
    environment: 'Default',
    source: first.source,
    snapshotFile,
    log: silentLog,
  });
  t.after(() => second.close());
  await second.ready;
  const headers = bearer(issuer.token());
  assert.equal((await call(portOf(second), '/orders/1.0.0/x', { headers })).status, 200);
  first.source.put(entry.api(ordersApi(first.backend, { status: 'BLOCKED' })));
  first.source.available = true;
  await until(async () => (await call(portOf(second), '/orders/1.0.0/x', { headers })).status === 503, 'the change');
});

test('a gateway follows a control plane over HTTP, and serves on when it stops', async (t) => {
  const backend = await startBackend();
  t.after(() => backend.close());
  const memory = new TestSource(commonPicture(backend));
  const control = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://any');
    if (url.pathname.endsWith('/snapshot')) return void response.end(JSON.stringify(await memory.snapshot()));
    const stop = new AbortController();
    response.on('close', () => stop.abort());
    response.write('\n');
    for await (const event of memory.events(Number(url.searchParams.get('after')), stop.signal)) {
      response.write(`${JSON.stringify(event satisfies FeedEvent)}\n`);
    }
  });
  control.listen(0, '127.0.0.1');
  await once(control, 'listening');
  t.after(() => {
    control.close();
    control.closeAllConnections();
  });
  const serviceUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
  const source = remoteSource({ serviceUrl, environment: 'Default', username: 'a', password: 'b' });
  const gateway = await startGateway({ listeners: loopback, environment: 'Default', source, log: silentLog });
  t.after(() => gateway.close());
  await gateway.ready;
  const ask = async () => (await call(portOf(gateway), '/orders/1.0.0/x', { headers: bearer(issuer.token()) })).status;
  assert.equal(await ask(), 200);
  memory.put(entry.api(ordersApi(backend, { status: 'BLOCKED' })));
  await until(async () => (await ask()) === 503, 'the blocked API');
  memory.put(entry.api(ordersApi(backend)));
  await until(async () => (await ask()) === 200, 'the API again');
  control.close();
  control.closeAllConnections();
  assert.equal(await ask(), 200);
});

test('a folder of projects is served without a database: open operations to all, others with a token', async (t) => {
  const backend = await startBackend();
  t.after(() => backend.close());
  const folder = await temporaryFolder(t);
  const jwksFile = join(folder, '..', `${folder.split('/').at(-1)}.jwks`);
  await writeFile(jwksFile, JSON.stringify({ keys: issuer.runtime.keys }));
  t.after(() => rm(jwksFile, { force: true }));
  const project = (path: string) => `data:
  name: shop
  context: /shop
  version: v1
  endpointConfig: {endpoint_type: http, production_endpoints: {url: '${backend.url}/${path}'}}
  operations:
    - {target: /open, verb: GET, authType: None}
    - {target: /closed, verb: GET}
`;
  await mkdir(join(folder, 'shop'));
  await writeFile(join(folder, 'shop', 'api.yaml'), project('one'));
  const source = projectSource({
    folder,
    environment: 'Default',
    log: silentLog,
    interval: 50,
    issuers: [{ issuer: issuer.runtime.issuer, jwksFile }],
  });
  const gateway = await startGateway({
    listeners: loopback,
    environment: 'Default',
    source,
    log: silentLog,
    subscriptionCheck: false,
  });
  t.after(() => gateway.close());
  await gateway.ready;
  const ask = (path: string, headers = {}) => call(portOf(gateway), `/shop/v1${path}`, { headers });
  assert.equal((await ask('/open')).status, 200);
  assert.equal((await ask('/closed')).status, 401);
  assert.equal((await ask('/closed', bearer(issuer.token()))).status, 200);
  await writeFile(join(folder, 'shop', 'api.yaml'), project('two'));
  await until(async () => {
    await ask('/open');
    return backend.received.at(-1)?.url === '/two/open';
  }, 'the new endpoint');
});

test('the access log has one record for each call, with what was sent and no token', async (t) => {
  const file = join(await temporaryFolder(t), 'access.log');
  const pattern = '%m %U%q %s %B %u %{Authorization}i %{Sluice-Cause}o';
  const { call: ask, gateway } = await stage(t, { accessLog: { to: file, pattern } });
  const token = issuer.token({ sub: 'mary' });
  await ask('/orders/1.0.0/x?apikey=secret&y=1', { headers: bearer(token) });
  await ask('/orders/1.0.0/y');
  await ask('/nowhere');
  await gateway.close();
  const text = await readFile(file, 'latin1');
  const [first, second, third] = text.split('\n');
  assert.equal(first, 'GET /orders/1.0.0/x?apikey=***&y=1 200 7 mary *** -');
  assert.match(second ?? '', /^GET \/orders\/1\.0\.0\/y 401 \d+ - - missing-credentials$/);
  assert.match(third ?? '', /^GET \/nowhere 404 \d+ - - no-api$/);
  assert.ok(!text.includes(token) && !text.includes('secret'));
});

test('a port in use fails the start and leaves nothing behind', async (t) => {
  const taken = await startBackend();
  t.after(() => taken.close());
  const listeners = [...loopback, { host: '127.0.0.1', port: taken.port }];
  const source = new TestSource([]);
  await assert.rejects(
    startGateway({ listeners, environment: 'Default', source, log: silentLog }),
    new RegExp(String(taken.port)),
  );
  assert.equal(source.snapshots, 0);
});

test('draining lets the call in flight end and refuses new ones', async (t) => {
  let release: () => void = () => {};
  const slow = await startBackend('slow', (_, response) => {
    release = () => response.end('late');
  });
  t.after(() => slow.close());
  const { call: ask, put, gateway } = await stage(t);
  await put(entry.api(ordersApi(slow)));
  const inFlight = ask('/orders/1.0.0/x', { headers: bearer(issuer.token()) });
  await until(() => slow.received.length === 1, 'the call at the backend');
  const drained = gateway.drain(5000);
  await assert.rejects(ask('/orders/1.0.0/x'), /ECONNREFUSED/);
  release();
  assert.equal((await inFlight).body, 'late');
  assert.deepEqual(await drained, { abandoned: 0 });
});

test('10,000 APIs route as fast as a handful', async () => {
  const picture = new Picture(bareSettings, silentLog);
  for (let i = 0; i < 10_000; i++) {
    picture.apply(
      'api',
      `api-${i}`,
      deployedApi({ id: `api-${i}`, basePath: `/api-${i}/1.0.0`, defaultBasePath: `/api-${i}` }),
    );
  }
  const { routes } = picture.commit(1);
  const cpu = process.cpuUsage();
  const rounds = 100_000;
  for (let i = 0; i < rounds; i++) assert.ok(routes.find(`/api-${i % 10_000}/1.0.0/items/7`, 'host'));
  const { user, system } = process.cpuUsage(cpu);
  const each = (user + system) / rounds;
  assert.ok(each < 20, `${each.toFixed(2)} µs for each route`);
});
