import type { Json, JsonObject } from '../json.ts';
import type { BackendLimit, DeployedApi } from '../runtime.ts';

/** WSO2's names of the units; anything else counts by the second, as there (wso2-gateway.md 5.5). */
const units: ReadonlyMap<Json | undefined, BackendLimit['timeUnit']> = new Map([
  ['SECOND', 'sec'],
  ['MINUTE', 'min'],
  ['HOUR', 'hour'],
] as const);

/** What WSO2's `maxTps` of an API bounds; undefined where it bounds nothing. Counts below 1 bound nothing, and neither do those that are no whole numbers. */
export function backendLimits(maxTps: Json | undefined): DeployedApi['maxTps'] {
  if (typeof maxTps !== 'object' || maxTps === null || Array.isArray(maxTps)) return undefined;
  const production = limitOf(maxTps, 'production');
  const sandbox = limitOf(maxTps, 'sandbox');
  if (!production && !sandbox) return undefined;
  return { ...(production ? { production } : {}), ...(sandbox ? { sandbox } : {}) };
}

function limitOf(maxTps: JsonObject, side: 'production' | 'sandbox'): BackendLimit | undefined {
  // Files and older clients have numbers as texts.
  const count = Number(maxTps[side] ?? 0);
  if (!Number.isSafeInteger(count) || count < 1) return undefined;
  return { count, timeUnit: units.get(maxTps[`${side}TimeUnit`]) ?? 'sec' };
}
