import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors } from '@sluice/model';
import { coerce } from './coerce.ts';
import { knownNames, resolveName, sectionKind, tomlKey, variableOf } from './names.ts';
import type { Setting } from './setting.ts';
import { areas, table } from './table/index.ts';

const rows = Object.entries(table) as [string, Setting][];

test('no key stands in two areas and no spelling means two settings', () => {
  const seen = new Map<string, string>();
  const all = areas.flatMap(({ rows: own }) => Object.entries(own));
  assert.equal(all.length, rows.length);
  for (const [key, setting] of all) {
    for (const name of [key, ...setting.aliases]) {
      assert.equal(seen.get(name), undefined, `${name} is ${key} and ${seen.get(name)}`);
      seen.set(name, key);
    }
  }
});

test('no two spellings share a variable', () => {
  const seen = new Map<string, string>();
  for (const name of knownNames()) {
    if (!name.includes('.') || name.includes('[')) continue;
    const other = seen.get(variableOf(name));
    assert.equal(other, undefined, `${name} and ${other}`);
    seen.set(variableOf(name), name);
  }
});

test('every default is a value that the setting itself would take', () => {
  for (const [key, setting] of rows) {
    if (setting.default === undefined || setting.type === 'any') continue;
    const raw = Array.isArray(setting.default) ? [...setting.default] : setting.default;
    const read = coerce(setting, raw);
    assert.deepEqual(read, { ok: true, value: setting.default }, key);
  }
});

test('every row says what it is for, and every idle one why', () => {
  for (const [key, { description, effect }] of rows) {
    assert.match(description, /^[A-Z0-9`].*[.]$/, key);
    if (effect.kind === 'none') assert.ok(effect.reason.length > 10, key);
    if (effect.kind === 'later') assert.ok(effect.capability.length > 2, key);
  }
});

test('a key never lies below another that is a value', () => {
  for (const [key] of rows) {
    // Names of WSO2's property files are one name each, dots and all.
    if (tomlKey(key).includes("'")) continue;
    const parts = key.split('.');
    for (let length = 1; length < parts.length; length++) {
      const above = parts.slice(0, length).join('.');
      const resolved = Object.hasOwn(table, above) ? resolveName(above) : undefined;
      assert.equal(resolved, undefined, `${key} below ${above}`);
    }
  }
});

test('every setting that an error names is in the table', () => {
  for (const entry of Object.values(errors)) {
    if (!('setting' in entry)) continue;
    const known = resolveName(entry.setting) !== undefined || sectionKind(entry.setting) !== undefined;
    assert.ok(known, `${entry.key} names ${entry.setting}`);
  }
});

/** The parameters that WSO2's pages on transports, tuning and timeouts name; a migrating user looks them up by these names. */
const documented = [
  [
    'worker_pool_size_core',
    'worker_pool_size_max',
    'worker_thread_keepalive_sec',
    'worker_pool_queue_length',
    'io_threads_per_reactor',
  ],
  [
    'io_buffer_size',
    'http.socket.timeout',
    'http.connection.timeout',
    'http.max.connection.per.host.port',
    'max_open_connections',
  ],
  [
    'snd_t_core',
    'snd_t_max',
    'snd_alive_sec',
    'snd_qlen',
    'snd_io_threads',
    'lst_t_core',
    'lst_t_max',
    'lst_alive_sec',
    'lst_qlen',
    'lst_io_threads',
  ],
  ['http.socket.timeout.receiver', 'http.socket.timeout.sender', 'synapse.global_timeout_interval'],
  [
    'transport.sender.connection.idle.time',
    'transport.sender.connection.maximum.lifespan',
    'transport.sender.connection.grace.time',
  ],
  ['http.proxyHost', 'http.proxyPort', 'http.nonProxyHosts'],
  ['port', 'non-blocking', 'bind-address', 'hostname', 'WSDLEPRPrefix', 'httpGetProcessor', 'priorityConfigFile'].map(
    (name) => `transport.passthru_http.listener.parameters.${name}`,
  ),
  ['non-blocking', 'warnOnHTTP500', 'http.proxyHost', 'HostnameVerifier'].map(
    (name) => `transport.passthru_https.sender.parameters.${name}`,
  ),
  ['system.parameter.entityExpansionLimit', 'sluice.gateway.stuck_threshold'],
  ['maxActive', 'maxWait', 'testOnBorrow', 'validationQuery', 'validationInterval'].map(
    (name) => `database.apim_db.pool_options.${name}`,
  ),
  ['transport.client.http.properties.SO_TIMEOUT', 'transport.client.http.properties.CONNECTION_TIMEOUT'],
  ['transport.client.default_max_connection_per_host', 'apim.gateway.environment[0].https_endpoint'],
].flat();

test('every documented parameter is known by its own name, and not merely as part of an open table', () => {
  for (const name of documented) {
    const resolved = resolveName(name);
    assert.ok(resolved !== undefined && !resolved.key.endsWith('*'), name);
  }
});
