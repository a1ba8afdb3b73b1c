import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '@sluice/config';
import type { GatewayOptions } from '@sluice/gateway';
import { locateHome } from '../../packages/cli/home/home.ts';
import { gatewayOptions } from '../../packages/cli/start/options.ts';

/** Keys of `deployment.toml` and their values. */
export type Toml = Readonly<Record<string, string | number | boolean>>;

/** Milliseconds of the deadlines that most cases run with: each its own, so that the time tells which one fired. */
export const prompt = { connect: 350, socket: 550, global: 800, tlsHandshake: 250, poolWait: 200 } as const;

const promptly: Toml = {
  'passthru_http.http.socket.timeout': prompt.socket,
  'passthru_http.http.connection.timeout': prompt.connect,
  'synapse_properties.synapse.global_timeout_interval': prompt.global,
  'sluice.gateway.tls_handshake_timeout': prompt.tlsHandshake,
  'sluice.gateway.pool_wait_timeout': prompt.poolWait,
  'passthru_http.http.max.connection.per.host.port': 1000,
};

/** What the settings make of a gateway, on the way that the program goes. */
export function gatewayOf(toml: Toml): Partial<GatewayOptions> {
  const home = locateHome(join(tmpdir(), 'sluice-without-a-home'), {});
  const given = Object.entries({ ...promptly, ...toml });
  const { settings, report } = loadSettings({
    home: home.path,
    environment: {},
    arguments: given.map(([key, value]) => ({ key, value, name: key })),
  });
  const wrong = report.findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(wrong, [], 'settings of the case');
  const { accessLog: _, ...options } = gatewayOptions(settings, home);
  return options;
}
