import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { promisify } from 'node:util';
import type { Limit } from '../limit.ts';
import { at, TestGateway, turn } from '../testing/gateways.ts';
import { type RedisServer, startRedisServer } from '../testing/redis-server.ts';
import { openWire } from '../testing/wire.ts';
import type { RedisConnection } from './options.ts';

const run = promisify(execFile);
let ends: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function redis(options: Parameters<typeof startRedisServer>[0] = {}): Promise<RedisServer> {
  const server = await startRedisServer(options);
  ends.push(() => server.stop());
  return server;
}

function gateway(connection: RedisConnection): TestGateway {
  const one = new TestGateway(connection);
  ends.push(() => one.pool.close());
  return one;
}

const hour: Limit = { amount: 200, measure: 'calls', window: { kind: 'aligned', unit: 'hour', count: 1 } };
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

async function exact(connection: RedisConnection): Promise<void> {
  const all = [gateway(connection), gateway(connection)];
  await Promise.all(all.map((one) => one.ready()));
  await turn(1200);
  for (const counter of ['a', 'b', 'c', 'd']) {
    assert.equal(sum(await Promise.all(all.map((one) => one.drain(counter, hour)))), 200);
  }
}

test('a password and a user let in', { timeout: 60_000 }, async () => {
  const server = await redis({
    // What docs/operating.md says that a user needs.
    config: [
      'user default off',
      'user gate on >s3cret ~sluice:* &sluice:* +@scripting +@hash +@string +@keyspace +@pubsub +@connection +info +time',
    ],
    cli: ['--user', 'gate', '--pass', 's3cret', '--no-auth-warning'],
  });
  await exact(at(server.port, { username: 'gate', password: 's3cret' }));
});

test('a wrong password is told once, with the setting and without the password', { timeout: 60_000 }, async () => {
  const server = await redis({ config: ['requirepass right'] });
  for (const [connection, setting] of [
    [at(server.port, { password: 'wr0ng-pass' }), 'apim.redis_config.password'],
    [at(server.port), 'apim.redis_config.password'],
  ] as const) {
    const one = gateway(connection);
    const { fields } = await one.log.line('away');
    assert.match(String(fields?.cause), new RegExp(setting));
    assert.equal((await one.ask('a', hour)).outcome, 'away');
    await turn(700);
    const text = JSON.stringify(one.log.lines);
    assert.ok(!text.includes('wr0ng-pass'), text);
    assert.equal(one.log.lines.length, 1, text);
  }
});

test('TLS with an authority of its own lets in, and a certificate that nobody vouches for does not', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-redis-tls-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert],
  ]);
  const server = await redis({
    plain: false,
    config: ['tls-port %PORT%', `tls-cert-file ${cert}`, `tls-key-file ${key}`, 'tls-auth-clients no'],
    cli: ['--tls', '--cacert', cert],
  });
  await exact(at(server.port, { tls: { ca: readFileSync(cert, 'utf8') } }));
  const stranger = gateway(at(server.port, { tls: {} }));
  const { fields } = await stranger.log.line('away');
  assert.match(String(fields?.cause), /SELF_SIGNED|self-signed|certificate/i);
});

test('when the master fails, sentinels lead to the next one, and the limit holds', { timeout: 90_000 }, async () => {
  const master = await redis();
  const replica = await redis({ config: [`replicaof 127.0.0.1 ${master.port}`] });
  const sentinel = await redis({
    sentinel: true,
    config: [
      `sentinel monitor shared 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds shared 500',
      'sentinel failover-timeout shared 3000',
    ],
  });
  await until(async () => (await replica.cli('info', 'replication')).includes('master_link_status:up'));
  // Until the sentinel has asked the replica itself it takes it for no good one.
  await until(async () => /master-link-status\s+ok/.test(await sentinel.cli('sentinel', 'replicas', 'shared')));
  const connection: RedisConnection = {
    at: { kind: 'sentinel', name: 'shared', sentinels: [{ host: '127.0.0.1', port: sentinel.port }] },
    database: 0,
    connectTimeout: 2000,
  };
  const all = [gateway(connection), gateway(connection)];
  await Promise.all(all.map((one) => one.ready()));
  await turn(1200);
  const before = sum(await Promise.all(all.map((one) => one.drain('a', hour, { most: 50 }))));
  await master.kill();
  await Promise.all(all.map(({ log }) => log.line('away')));
  await Promise.all(all.map(({ log }) => log.line('back')));
  await turn(1500);
  assert.equal(before + sum(await Promise.all(all.map((one) => one.drain('a', hour)))), 200);
  for (const { log } of all) assert.equal(log.lines.filter(({ level }) => level === 'warn').length, 1);
});

test('a cluster shares limits over its nodes', { timeout: 90_000 }, async () => {
  const nodes = await Promise.all(
    [0, 1, 2].map(() => redis({ config: ['cluster-enabled yes', 'cluster-node-timeout 2000'] })),
  );
  await run('redis-cli', [
    ...['--cluster', 'create', ...nodes.map(({ port }) => `127.0.0.1:${port}`)],
    ...['--cluster-replicas', '0', '--cluster-yes'],
  ]);
  await until(async () => {
    const states = await Promise.all(nodes.map((node) => node.cli('cluster', 'info')));
    return states.every((state) => state.includes('cluster_state:ok'));
  });
  const connection: RedisConnection = {
    at: { kind: 'cluster', nodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })) },
    database: 0,
    connectTimeout: 2000,
  };
  await exact(connection);
  const used = await Promise.all(nodes.map((node) => node.cli('dbsize')));
  assert.ok(
    used.every((size) => Number(size) > 0),
    `${used}`,
  );
});

/** Looks until it is so. */
async function until(so: () => Promise<boolean>): Promise<void> {
  while (!(await so())) await turn(50);
}

test('a master that became a replica, with its connections open, is left for the new master', {
  timeout: 60_000,
}, async () => {
  const [before, after] = [await redis(), await redis()];
  const wire = await openWire(before.port);
  ends.push(() => wire.close());
  const one = gateway(at(wire.port));
  await one.ready();
  wire.turn(after.port);
  await before.cli('REPLICAOF', '127.0.0.1', String(after.port));
  await one.log.line('Redis is away');
  await one.log.line('Redis is back');
  assert.equal(await one.drain('a', hour), 200);
});
