import { type DeadlineValue, deadlineOrders, describeOrigin, type GatewayDeadlines } from '@sluice/model';
import type { Finding } from './report.ts';
import type { Settings } from './settings.ts';
import type { SettingKey } from './table/index.ts';

const socket = 'passthru_http.http.socket.timeout';

/** The settings of the deadlines that have one, as the table of deadlines names them, and what they follow where they are not given. */
const settingOf = {
  'keep-alive-idle': ['sluice.gateway.keep_alive_timeout', socket],
  'client-head': ['sluice.gateway.client_head_timeout'],
  'client-body-idle': ['sluice.gateway.client_body_idle_timeout', socket],
  'pool-wait': ['sluice.gateway.pool_wait_timeout'],
  'name-lookup': ['sluice.gateway.dns_timeout'],
  connect: ['passthru_http.http.connection.timeout', socket],
  'tls-handshake': ['sluice.gateway.tls_handshake_timeout'],
  'backend-write-idle': ['sluice.gateway.backend_write_idle_timeout', socket],
  'first-byte': ['sluice.gateway.first_byte_timeout', socket],
  global: ['synapse_properties.synapse.global_timeout_interval'],
  'backend-body-idle': ['sluice.gateway.backend_body_idle_timeout', socket],
  'client-write-idle': ['sluice.gateway.client_write_idle_timeout', socket],
  'websocket-idle': ['sluice.gateway.websocket_idle_timeout'],
} as const satisfies Record<keyof GatewayDeadlines, readonly [SettingKey, SettingKey?]>;

/** The deadlines that these settings make, each with the setting that decided and where that stands. */
export function gatewayDeadlines(settings: Settings): GatewayDeadlines {
  const readOne = ([own, followed]: readonly [SettingKey, SettingKey?]): DeadlineValue => {
    const value = Number(settings.get(own));
    const place = settings.origin(own);
    if (place.kind !== 'default' || followed === undefined) return { value, setting: own, origin: place };
    const source = settings.origin(followed);
    return source.kind === 'default'
      ? { value, setting: own, origin: place }
      : { value, setting: followed, origin: source };
  };
  const entries = Object.entries(settingOf).map(([name, keys]) => [name, readOne(keys)]);
  return Object.fromEntries(entries) as GatewayDeadlines;
}

/** Deadlines that keep each other from firing. */
export function deadlineFindings(settings: Settings): Finding[] {
  const levels = { gateway: gatewayDeadlines(settings), api: { label: '' }, leaf: null };
  return deadlineOrders(levels)
    .filter(({ level, value, aboveValue }) => {
      const given = value.origin.kind !== 'default' || aboveValue.origin.kind !== 'default';
      return level === 'warning' && given;
    })
    .map(({ name, value, above, aboveValue, consequence, remedy }) => ({
      severity: 'warning',
      key: value.setting,
      value: `${value.value} ms`,
      origin: value.origin.kind === 'default' ? aboveValue.origin : value.origin,
      problem: `(${name}) is above ${aboveValue.setting} = ${aboveValue.value} ms (${above}, ${describeOrigin(aboveValue.origin)}): ${consequence}`,
      expected: `at most ${aboveValue.setting}`,
      remedy,
      nearest: [],
    }));
}
