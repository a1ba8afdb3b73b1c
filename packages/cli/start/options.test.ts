import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadSettings } from '@sluice/config';
import { openHome } from '../home/home.ts';
import { documentOptions } from './documents.ts';
import { endpointKindOptions } from './endpoint-kinds.ts';
import { groupOptions } from './groups.ts';
import { controlPlaneOptions, gatewayBinds, gatewayOptions, publicUrl } from './options.ts';
import { suspensionOptions } from './suspension.ts';
import { throttlingOptions } from './throttle.ts';

const path = mkdtempSync(join(tmpdir(), 'sluice-options-'));
after(() => rmSync(path, { recursive: true }));
const home = openHome(path, {});

function settingsOf(toml: string) {
  writeFileSync(join(path, 'deployment.toml'), toml);
  const { settings, report } = loadSettings({ home: path, environment: {} });
  assert.deepEqual(
    report.findings.filter(({ severity }) => severity === 'error'),
    [],
  );
  return settings;
}

test('links lead to the port of a load balancer in front, and a usual port is not written', () => {
  const at = (line: string) => publicUrl(settingsOf(`server.offset = 1\n[transport.https.properties]\n${line}`));
  assert.equal(at(''), 'https://localhost:9444');
  assert.equal(at('proxyPort = 8443'), 'https://localhost:8443');
  assert.equal(at('proxyPort = 443'), 'https://localhost');
});

test('connections are bounded only where the settings say so', () => {
  const most = (line: string) => gatewayOptions(settingsOf(`[passthru_http]\n${line}`), home).maxConnections;
  assert.deepEqual(
    [most(''), most('max_open_connections = -1'), most('max_open_connections = 2')],
    [undefined, undefined, 2],
  );
});

test('calls in flight are bounded only where the settings say so', () => {
  const admission = (toml: string) => gatewayOptions(settingsOf(toml), home).admission;
  assert.equal(admission(''), undefined);
  const section = '[sluice.gateway.admission]\nmax_in_flight = 3\nmax_queue = 4\nqueue_timeout = "2s"';
  assert.deepEqual(admission(section), {
    maxInFlight: 3,
    queueTimeout: 2000,
    queues: [{ priority: 1, size: 4 }],
    conditions: [],
    defaultPriority: 1,
  });
});

test('a trusted proxy that is no address stops the start, with the name of the setting', () => {
  const options = (proxy: string) => throttlingOptions(settingsOf(`[sluice.throttle]\ntrusted_proxies = ["${proxy}"]`));
  assert.deepEqual(options('10.0.0.0/8').throttling?.trustedProxies, ['10.0.0.0/8']);
  assert.throws(() => options('proxy.example.com'), /sluice\.throttle\.trusted_proxies.*proxy\.example\.com/);
});

test('the settings of plans reach the REST APIs: Unlimited withdrawn, conditions that are asked', () => {
  const plans = (toml: string) => controlPlaneOptions(settingsOf(toml)).plans;
  const off = { headers: false, claims: false, queryParameters: false };
  assert.deepEqual(plans(''), { unlimited: true, conditions: off });
  const toml = '[apim.throttling]\nenable_unlimited_tier = false\nenable_header_based_throttling = true';
  assert.deepEqual(plans(toml), { unlimited: false, conditions: { ...off, headers: true } });
});

test('hosts that calls may choose are read at the start, and one that cannot be read is named', () => {
  const options = (host: string) => endpointKindOptions(settingsOf(`[sluice.gateway]\ndynamic_hosts = ['${host}']`));
  assert.deepEqual(endpointKindOptions(settingsOf('')), { dynamicHosts: [], maxRecipientBody: 1_048_576 });
  assert.deepEqual(options('*.example.com:8080').dynamicHosts, ['*.example.com:8080']);
  assert.throws(() => options('.*('), /sluice\.gateway\.dynamic_hosts.*correct it/);
});

test("what the settings say about groups reaches them, WSO2's odd spelling of a session and the right one", () => {
  assert.deepEqual(groupOptions(settingsOf('')).groups, {
    failoverSwitch: true,
    retryShare: 0.2,
    retryFloor: 10,
    sessionTimeout: 600_000,
    mostSessions: 50_000,
  });
  const toml = `[sluice.gateway]\nretry_share = 0\nretry_floor = 3\nmax_sessions = 7
[synapse_properties]\n'synapse.sal.endpoints.session.timeout.default' = 5000`;
  const release = '[preserve_previous_product_behaviour]\nversion = "APIM_4.5.0"';
  assert.equal(groupOptions(settingsOf(release)).groups?.failoverSwitch, false);
  assert.deepEqual(groupOptions(settingsOf(toml)).groups, {
    failoverSwitch: true,
    retryShare: 0,
    retryFloor: 3,
    sessionTimeout: 5000,
    mostSessions: 7,
  });
});

test('what the settings say about suspension holds for all endpoints, and -1 says nothing', () => {
  const suspension = (toml: string) => suspensionOptions(settingsOf(`[synapse_properties]\n${toml}`)).suspension;
  assert.deepEqual(suspension(''), { factor: 1, overrides: false });
  const toml = `'synapse.global_endpoint_suspend_duration' = 5000
'synapse.global_endpoint_suspend_progression_factor' = 1.5
'synapse.override_endpoint_suspend_config_with_global_values' = true
'maximum.failover.retries' = 4
'suspend.duration.on.maximum.failover' = "7s"
'maximum.failover.recursive.retries' = 2
'suspend.duration.on.maximum.recursive.failover' = 800`;
  assert.deepEqual(suspension(toml), {
    duration: 5000,
    factor: 1.5,
    overrides: true,
    alone: { faults: 4, duration: 7000 },
    member: { faults: 2, duration: 800 },
  });
});

test('a listener that is switched off has no address, and definitions are shown unless told otherwise', () => {
  const off = settingsOf('[transport.passthru_http.listener]\nenable = false\nhttpGetProcessor = "None"');
  assert.deepEqual(gatewayBinds(off), [{ secure: true, host: '0.0.0.0', port: 8243 }]);
  assert.deepEqual(documentOptions(off), {});
  const usual = settingsOf('');
  assert.deepEqual(
    gatewayBinds(usual).map(({ secure }) => secure),
    [false, true],
  );
  const { documents } = documentOptions(usual);
  assert.deepEqual([documents?.hostname, documents?.listBlocked], ['localhost', true]);
});
