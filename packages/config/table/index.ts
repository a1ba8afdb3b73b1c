import type { Rows, Setting } from '../setting.ts';
import { databaseSettings } from './database.ts';
import { gatewaySettings } from './gateway.ts';
import { keySettings } from './keys.ts';
import { keystoreSettings } from './keystore.ts';
import { passthruSettings } from './passthru.ts';
import { portalSettings } from './portals.ts';
import { redisSettings } from './redis.ts';
import { serverSettings } from './server.ts';
import { sluiceSettings } from './sluice.ts';
import { synapseSettings } from './synapse.ts';
import { throttlingSettings } from './throttling.ts';
import { transportSettings } from './transport.ts';

/** The table by area, in the order of `docs/settings.md`. */
export const areas: readonly { readonly title: string; readonly rows: Rows }[] = [
  { title: 'Server and administrator', rows: serverSettings },
  { title: 'Certificates', rows: keystoreSettings },
  { title: 'Database', rows: databaseSettings },
  { title: 'Gateways', rows: gatewaySettings },
  { title: 'HTTP transport: properties', rows: passthruSettings },
  { title: 'HTTP transport: listeners and senders', rows: transportSettings },
  { title: 'Timeouts and Synapse properties', rows: synapseSettings },
  { title: 'Throttling', rows: throttlingSettings },
  { title: 'Limits shared by several gateways', rows: redisSettings },
  { title: 'Key manager and tokens', rows: keySettings },
  { title: 'Portals', rows: portalSettings },
  { title: 'Access log and Sluice itself', rows: sluiceSettings },
];

/** Every setting that Sluice knows, by key. */
export const table = {
  ...serverSettings,
  ...keystoreSettings,
  ...databaseSettings,
  ...gatewaySettings,
  ...passthruSettings,
  ...transportSettings,
  ...synapseSettings,
  ...throttlingSettings,
  ...redisSettings,
  ...keySettings,
  ...portalSettings,
  ...sluiceSettings,
} as const;

export type AnyKey = keyof typeof table;

/** Keys with one value each: neither inside an array of tables nor an open table. */
export type SettingKey = Exclude<AnyKey, `${string}[]${string}` | `${string}*`>;

/** Type of the effective value of a key. */
export type ValueOf<K extends AnyKey> = (typeof table)[K] extends Setting<infer T> ? T : never;

/** Names of the arrays of tables. */
export type ArrayKey = AnyKey extends infer K ? (K extends `${infer P}[].${string}` ? P : never) : never;

/** Members of one table of an array. */
export type RowOf<P extends ArrayKey> = {
  readonly [K in AnyKey as K extends `${P}[].${infer M}` ? (M extends `${string}*` ? never : M) : never]: ValueOf<K>;
};

/** Arrays of tables that have one row of defaults when the file has none. */
export const arraysWithDefault: ReadonlySet<string> = new Set<ArrayKey>(['apim.gateway.environment']);

/** The row of a key that is spelled exactly. */
export function rowOf(key: string): Setting | undefined {
  return Object.hasOwn(table, key) ? (table as Rows)[key] : undefined;
}
