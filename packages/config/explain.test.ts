import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { explainSettings, isSettingName } from './explain.ts';
import { loadSettings } from './load.ts';

const home = mkdtempSync(join(tmpdir(), 'sluice-explain-'));
after(() => rmSync(home, { recursive: true, force: true }));
writeFileSync(
  join(home, 'deployment.toml'),
  [
    '[server]',
    'hostname = "$ref{super_admin.password}"',
    '[super_admin]',
    'password = "hunter2"',
    '[transport.http]',
    'socket_timeout = 60000',
    '[database.apim_db]',
    'type = "postgre"',
    'url = "jdbc:postgresql://db/apim?user=u&password=hunter2"',
    '[transport.http.listener.keystore]',
    'password = "hunter2"',
    '[secrets]',
    'other = "[hunter2]"',
    '[[apim.gateway.environment]]',
    'name = "EU"',
    'password = "hunter2"',
    '[apim.analytics.properties]',
    '\'moesifKey\' = "hunter2"',
    'proxy_url = "http://u:hunter2@proxy:80/"',
  ].join('\n'),
);
const { settings } = loadSettings({ home, environment: {} });

test('a setting is explained with value, unit, origin, default, range and effect', () => {
  assert.equal(
    explainSettings(settings, 'transport.http.socket_timeout'),
    [
      'passthru_http.http.socket.timeout',
      '  Longest silence on a connection, of the client or of the backend, before it is closed.',
      '  value     60000 ms',
      '  origin    deployment.toml:6, written as transport.http.socket_timeout',
      '  default   180000 ms',
      '  takes     a duration in ms, or with a unit such as "30s", at least 0, 0 is no limit',
      '  effect    applied',
      '  also      http.socket.timeout, transport.http.socket_timeout',
      '  variable  SLUICE_PASSTHRU_HTTP__HTTP__SOCKET__TIMEOUT',
      '',
    ].join('\n'),
  );
});

test('every spelling finds its setting', () => {
  const text = explainSettings(settings, 'passthru_http.http.socket.timeout');
  for (const name of ['http.socket.timeout', "passthru_http.'http.socket.timeout'", 'transport.http.socket_timeout']) {
    assert.equal(explainSettings(settings, name), text);
    assert.equal(isSettingName(settings, name), true);
  }
  assert.match(explainSettings(settings, 'HostnameVerifier'), /^transport\.http\.sender\.hostname_verifier\n/);
  assert.match(explainSettings(settings, '-DportOffset'), /^server\.offset\n/);
});

test('a section lists its settings, an array its rows', () => {
  assert.match(explainSettings(settings, 'super_admin'), /^super_admin\.username +"admin" +\(default\)\n/);
  assert.match(explainSettings(settings, 'apim.gateway.environment'), /\[0\]\.name +"EU" +\(deployment\.toml:15\)\n/);
});

test('a member of an array that nobody set is explained by its default', () => {
  assert.match(explainSettings(settings, 'apim.gateway.environment[].type'), /value +"hybrid"/);
});

test('an unknown name gets the nearest ones', () => {
  assert.equal(
    explainSettings(settings, 'server.ofset'),
    'There is no setting server.ofset. The nearest: server.offset.\n',
  );
  assert.equal(isSettingName(settings, 'server.ofset'), false);
  assert.match(explainSettings(settings, 'zzz'), /lists all/);
});

test('no explanation shows a secret, be it referred to, in an address, or in a table that nobody knows', () => {
  const all =
    explainSettings(settings) +
    settings
      .entries()
      .map(({ place }) => explainSettings(settings, place))
      .join('');
  assert.deepEqual(
    all.split('\n').filter((line) => line.includes('hunter2')),
    [],
  );
  assert.match(all, /password=\*\*\*/);
  assert.match(all, /server\.hostname +\*\*\*/);
});
