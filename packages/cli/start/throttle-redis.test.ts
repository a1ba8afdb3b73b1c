import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadSettings } from '@sluice/config';
import { openHome } from '../home/home.ts';
import { gatewayName, redisPoolOptions } from './throttle-redis.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-throttle-redis-'));
const home = openHome(folder, {});
after(() => rmSync(folder, { recursive: true }));

function optionsOf(toml: string) {
  writeFileSync(home.settingsFile, toml);
  const { settings, report } = loadSettings({ home: folder, environment: {} });
  assert.deepEqual(
    report.findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  return redisPoolOptions(settings, home);
}

test('Redis is used where WSO2 would, with its keys', () => {
  assert.equal(optionsOf(''), undefined);
  assert.equal(optionsOf('apim.redis_config.host = "r.example"'), undefined, 'the type says whether');
  assert.deepEqual(
    optionsOf(`[apim.redis_config]
      host = "r.example"
      port = "6380"
      user = "u"
      password = "p"
      database_id = 3
      connection_timeout = 500
      ssl = true
      gateway_id = "one"
      [throttle_properties]
      'throttling.distributed.counter.type' = "redis"
      [sluice.throttle]
      fail = "closed"
      forget_gateway = "2m"`),
    {
      redis: {
        at: { kind: 'server', address: { host: 'r.example', port: 6380 } },
        username: 'u',
        password: 'p',
        database: 3,
        connectTimeout: 500,
        tls: {},
      },
      fail: 'closed',
      forgetAfter: 120_000,
      answerWithin: 50,
    },
  );
});

test('a URL says all of it, and passwords in it may hold any character', () => {
  const { redis } = optionsOf('sluice.throttle.redis.url = "rediss://us:p%40%2F@[::1]:7000/2"') ?? {};
  assert.deepEqual(redis?.at, { kind: 'server', address: { host: '::1', port: 7000 } });
  assert.deepEqual([redis?.username, redis?.password, redis?.database, redis?.tls], ['us', 'p@/', 2, {}]);
  const socket = optionsOf('sluice.throttle.redis.url = "unix:///run/redis.sock"');
  assert.deepEqual(socket?.redis.at, { kind: 'socket', path: '/run/redis.sock' });
});

test('sentinels and nodes of a cluster have addresses; two ways at once are refused by name', () => {
  const sentinel = optionsOf(`[sluice.throttle.redis]
    sentinels = ["a.example", "[::1]:1234"]
    sentinel_name = "shared"
    sentinel_password = "s"`);
  assert.deepEqual(sentinel?.redis.at, {
    kind: 'sentinel',
    sentinels: [
      { host: 'a.example', port: 26_379 },
      { host: '::1', port: 1234 },
    ],
    name: 'shared',
    password: 's',
  });
  const cluster = optionsOf('sluice.throttle.redis.cluster_nodes = ["a:1", "b"]');
  assert.deepEqual(cluster?.redis.at, {
    kind: 'cluster',
    nodes: [
      { host: 'a', port: 1 },
      { host: 'b', port: 6379 },
    ],
  });
  assert.throws(
    () => optionsOf('sluice.throttle.redis = { cluster_nodes = ["a:1"], url = "redis://:hidden@x" }'),
    (error: Error) => /sluice\.throttle\.redis\.url/.test(error.message) && !error.message.includes('hidden'),
  );
  assert.throws(() => optionsOf('sluice.throttle.redis.cluster_nodes = ["a:99999"]'), /cluster_nodes takes host:port/);
});

test('a certificate file that is missing is named with its setting', () => {
  const lines = (name: string) => `[sluice.throttle.redis]
    url = "rediss://x"
    tls_ca_file = "${name}"`;
  assert.throws(() => optionsOf(lines('none.pem')), /sluice\.throttle\.redis\.tls_ca_file names .*none\.pem/);
  mkdirSync(home.security, { recursive: true });
  writeFileSync(join(home.security, 'ca.pem'), 'PEM');
  assert.deepEqual(optionsOf(lines('ca.pem'))?.redis.tls, { ca: 'PEM' });
});

test('a gateway keeps its name over a restart; two in one home have two', () => {
  assert.equal(gatewayName(home, true), gatewayName(home, true));
  assert.notEqual(gatewayName(home, true), gatewayName(home, false));
});
