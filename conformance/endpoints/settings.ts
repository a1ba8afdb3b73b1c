import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings, type Settings } from '@sluice/config';
import { type Home, locateHome } from '../../packages/cli/home/home.ts';

/** Keys of `deployment.toml` and their values. */
export type Toml = Readonly<Record<string, string | number | boolean>>;

/** Milliseconds of the deadlines that most cases run with: each its own, so that the time tells which one fired. */
export const prompt = { connect: 350, socket: 550, global: 800, tlsHandshake: 250, poolWait: 200 } as const;

const usual: Toml = {
  'passthru_http.http.socket.timeout': prompt.socket,
  'passthru_http.http.connection.timeout': prompt.connect,
  'synapse_properties.synapse.global_timeout_interval': prompt.global,
  'sluice.gateway.tls_handshake_timeout': prompt.tlsHandshake,
  'sluice.gateway.pool_wait_timeout': prompt.poolWait,
  'passthru_http.http.max.connection.per.host.port': 1000,
  // One process, a plain listener on any port, and nothing written.
  'gateway.workers': 0,
  'transport.http.listener.bind_address': '127.0.0.1',
  'transport.http.listener.port': 0,
  'transport.http.listener.secured_enable': false,
  'http_access_log.enabled': false,
};

/** A home that has nothing in it, and gets nothing. */
export const home: Home = locateHome(join(tmpdir(), 'sluice-without-a-home'), {});

/** The settings of a case. */
export function settingsOf(toml: Toml): Settings {
  const given = Object.entries({ ...usual, ...toml });
  const { settings, report } = loadSettings({
    home: home.path,
    environment: {},
    arguments: given.map(([key, value]) => ({ key, value, name: key })),
  });
  const wrong = report.findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(wrong, [], 'settings of the case');
  return settings;
}
