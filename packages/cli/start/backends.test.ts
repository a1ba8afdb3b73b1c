import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadSettings } from '@sluice/config';
import { backendOptions } from './backends.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-backends-'));
after(() => rmSync(home, { recursive: true }));

function optionsOf(toml: string) {
  writeFileSync(join(home, 'deployment.toml'), toml);
  const { settings, report } = loadSettings({ home, environment: {} });
  assert.deepEqual(
    report.findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  return backendOptions(settings);
}

test('all processes together open no more connections to a backend than one may', () => {
  const rows: [workers: number, bound: number, share: number][] = [
    [0, 10, 10],
    [1, 10, 10],
    [4, 10, 2],
    [4, 3, 1],
  ];
  for (const [workers, bound, share] of rows) {
    const { pool } = optionsOf(`
      gateway.workers = ${workers}
      [passthru_http]
      'http.max.connection.per.host.port' = ${bound}
      'http.max.messages.per.host.port' = ${bound}`);
    assert.deepEqual([pool?.maxPerRoute, pool?.maxPending], [share, share], `${workers} workers`);
  }
  assert.equal(optionsOf(`passthru_http.'http.max.messages.per.host.port' = 0`).pool?.maxPending, 0);
});

test('connections rest as long as WSO2 lets them', () => {
  const idle = 'transport.sender.connection.idle.time';
  const grace = 'transport.sender.connection.grace.time';
  const socket = 'http.socket.timeout';
  const rows: [Record<string, number>, number][] = [
    [{}, 170_000],
    [{ [socket]: 60_000 }, 50_000],
    [{ [idle]: 20_000 }, 20_000],
    // An explicit grace time rules out the explicit idle time.
    [{ [idle]: 20_000, [grace]: 5000 }, 175_000],
    [{ [socket]: 5000, [grace]: 10_000 }, 0],
    [{ [socket]: 5000 }, 0],
    [{ [socket]: 0 }, 2_147_483_647],
    [{ [socket]: 0, [grace]: 10_000 }, 2_147_483_647],
  ];
  for (const [given, expected] of rows) {
    const lines = Object.entries(given).map(([key, value]) => `'${key}' = ${value}`);
    assert.equal(optionsOf(['[passthru_http]', ...lines].join('\n')).pool?.idleTime, expected, JSON.stringify(given));
  }
});

test('proxies are those of the settings, in every notation of WSO2', () => {
  const { dial } = optionsOf(`
    [transport.passthru_http.sender.parameters]
    'http.proxyHost' = "proxy.example"
    'http.nonProxyHosts' = "localhost|*.intra"
    [[transport.http.proxy_profile]]
    target_hosts = ["example.com", ".*.sample.com"]
    proxy_host = "localhost"
    proxy_port = "3128"
    proxy_username = "squid"
    proxy_password = "secret"
    bypass_hosts = ["xxx.sample.com"]`);
  assert.deepEqual(dial?.proxies, {
    everything: { host: 'proxy.example', port: 80, bypass: ['localhost', '*.intra'] },
    plain: [
      {
        host: 'localhost',
        port: 3128,
        username: 'squid',
        password: 'secret',
        targets: ['example.com', '.*.sample.com'],
        bypass: ['xxx.sample.com'],
      },
    ],
    secured: [],
  });
  assert.deepEqual(optionsOf('').dial, {
    names: { ttl: 30_000, stale: 600_000, timeout: 5000 },
    proxies: { plain: [], secured: [] },
  });
});

test('connections are kept unless the settings say otherwise', () => {
  assert.equal(optionsOf('').pool?.keepAlive, true);
  assert.equal(optionsOf(`passthru_http.'http.connection.disable.keepalive' = true`).pool?.keepAlive, false);
});
