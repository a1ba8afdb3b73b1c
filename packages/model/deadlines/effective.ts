import type { LeafEndpoint } from '../endpoint.ts';
import type { Origin } from '../origin.ts';
import { type DeadlineName, deadlines } from './table.ts';
import type { ApiTimeouts, EndpointTimeouts } from './timeouts.ts';

/** A deadline in force: milliseconds (0 never fires), what sets it, and where that stands. */
export interface DeadlineValue {
  readonly value: number;
  /** Key of a setting, or the member of the API's endpoint configuration. */
  readonly setting: string;
  readonly origin: Origin;
}

/** What the settings of a gateway say of each deadline. */
export type GatewayDeadlines = Readonly<Record<Exclude<DeadlineName, 'endpoint'>, DeadlineValue>>;

/** The levels that say something of the deadlines of a call, each going before the one above it. */
export interface DeadlineLevels {
  readonly gateway: GatewayDeadlines;
  readonly api: { readonly label: string; readonly timeouts?: ApiTimeouts | undefined };
  /** Null for what is the same for all endpoints. */
  readonly leaf: LeafEndpoint | null;
}

/** Of a gateway to which nothing is set. */
export const usualDeadlines = Object.fromEntries(
  Object.entries(deadlines).flatMap(([name, { setting, default: value }]) =>
    setting === null ? [] : [[name, { value, setting, origin: { kind: 'default' } } satisfies DeadlineValue]],
  ),
) as GatewayDeadlines;

const none = 0;

/**
 * The value in force. The duration of an endpoint replaces the global one and may exceed it; `never` leaves the global one alone, and so does a
 * duration that each call says itself, which is capped by it (wso2-gateway.md 3).
 */
export function deadlineValue(name: DeadlineName, levels: DeadlineLevels): DeadlineValue {
  const { gateway, api, leaf } = levels;
  if (name === 'endpoint') return endpointDuration(api.label, leaf);
  const { api: apiMember, endpoint: endpointMember } = deadlines[name];
  const own = endpointMember === undefined ? undefined : leaf?.timeouts?.[endpointMember];
  if (own !== undefined) return at(api.label, own, `${leaf?.name} config.timeouts.${endpointMember}`);
  const shared = apiMember === undefined ? undefined : api.timeouts?.[apiMember];
  if (shared !== undefined) return at(api.label, shared, `timeouts.${apiMember}`);
  return gateway[name];
}

function endpointDuration(label: string, leaf: LeafEndpoint | null): DeadlineValue {
  const path = `${leaf?.name ?? 'endpoint'} config.actionDuration`;
  return at(label, leaf === null ? none : leafDuration(leaf), path);
}

/** Milliseconds that a leaf grants by itself; 0 where the global deadline is in force. */
export function leafDuration({ timeout }: LeafEndpoint): number {
  return timeout.action === 'never' ? none : (timeout.duration ?? none);
}

function at(api: string, value: number, path: string): DeadlineValue {
  return { value, setting: path.slice(path.lastIndexOf(' ') + 1), origin: { kind: 'api', api, path } };
}

/** What leaf and API say of the deadlines towards the backend, the leaf first; undefined where neither says anything. */
export function backendTimeouts(api: ApiTimeouts | undefined, leaf: LeafEndpoint): EndpointTimeouts | undefined {
  const merged: { -readonly [M in keyof EndpointTimeouts]: number } = {};
  let any = false;
  for (const { endpoint } of Object.values(deadlines)) {
    const value = endpoint === undefined ? undefined : (leaf.timeouts?.[endpoint] ?? api?.[endpoint]);
    if (endpoint === undefined || value === undefined) continue;
    merged[endpoint] = value;
    any = true;
  }
  return any ? merged : undefined;
}
