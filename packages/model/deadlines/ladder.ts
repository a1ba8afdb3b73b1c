import type { Endpoint, LeafEndpoint, SharedReference } from '../endpoint.ts';
import { shownUrl } from '../endpoints/url.ts';
import { describeOrigin } from '../origin.ts';
import type { DeployedApi } from '../runtime.ts';
import { type DeadlineLevels, type DeadlineValue, deadlineValue, type GatewayDeadlines } from './effective.ts';
import { type DeadlineOrder, deadlineOrders, wholeDeadline } from './orders.ts';
import { type DeadlineName, deadlineNames, deadlines } from './table.ts';

/** One deadline of a ladder. */
export interface Rung {
  readonly name: DeadlineName;
  /** What goes wrong when it fires. */
  readonly when: string;
  /** Milliseconds; 0 never fires. */
  readonly value: number;
  readonly setting: string;
  /** As people read it: `deployment.toml:42`, `API orders/1.0.0 prod config.actionDuration`, `default`. */
  readonly origin: string;
  /** The deadline that ends the call first when this is what goes wrong, and its milliseconds; absent where none does. */
  readonly first?: { readonly name: DeadlineName; readonly value: number };
}

/** The deadlines between a client and one backend, in the order in which a call meets them. */
export interface Ladder {
  readonly side: 'production' | 'sandbox';
  /** `prod[1]`. */
  readonly endpoint: string;
  /** Without credentials, and without the values of the query. Empty where each call says where it goes. */
  readonly url: string;
  /** What happens when the duration of the endpoint, or the global deadline in its place, is over. */
  readonly action: LeafEndpoint['timeout']['action'];
  /** The duration that calls say themselves; at most the global one. */
  readonly expression?: string;
  readonly rungs: readonly Rung[];
  readonly findings: readonly OrderFinding[];
}

/** A `DeadlineOrder` in words. */
export interface OrderFinding {
  readonly level: DeadlineOrder['level'];
  readonly message: string;
}

/** Which deadlines calls to an API have. Operations with the same ladders stand together. */
export interface TimeoutReport {
  /** `orders/1.0.0` */
  readonly api: string;
  readonly basePath: string;
  /** Where the default version is called: by the same ladders, without a deadline of its own. */
  readonly defaultBasePath: string | null;
  readonly groups: readonly { readonly operations: readonly string[]; readonly ladders: readonly Ladder[] }[];
}

type ReportedApi = Pick<
  DeployedApi,
  'name' | 'version' | 'type' | 'basePath' | 'defaultBasePath' | 'operations' | 'endpoints'
>;

/** Finds what a reference to a shared endpoint stands for; null where there is none. */
export type ResolveShared = (reference: SharedReference) => Endpoint | null;

/** Works the ladders of an API out, as a gateway with these settings has them. */
export function timeoutReport(api: ReportedApi, gateway: GatewayDeadlines, resolve: ResolveShared): TimeoutReport {
  const label = `${api.name}/${api.version}`;
  const { timeouts, webSocket } = api.endpoints;
  const laddersOf = (pair: { readonly production: Endpoint | null; readonly sandbox: Endpoint | null }) =>
    (['production', 'sandbox'] as const).flatMap((side) =>
      leavesOf(pair[side], resolve).map((leaf) => ladderOf(side, leaf, { gateway, api: { label, timeouts }, leaf })),
    );
  const named = (subscriptions: boolean) =>
    api.operations
      .filter(({ verb }) => (webSocket !== undefined && verb.toUpperCase() === 'SUBSCRIPTION') === subscriptions)
      .map(({ verb, target }) => `${verb} ${target}`);
  const groups = [{ operations: named(false), ladders: laddersOf(api.endpoints) }];
  if (webSocket !== undefined) groups.push({ operations: named(true), ladders: laddersOf(webSocket) });
  return {
    api: label,
    basePath: api.basePath,
    defaultBasePath: api.defaultBasePath,
    groups: groups.filter(({ operations }) => operations.length > 0),
  };
}

/** The orders that cannot work and that this API has a part in: those of the settings alone are told with the settings. */
export function apiOrders(
  api: Pick<ReportedApi, 'name' | 'version' | 'endpoints'>,
  gateway: GatewayDeadlines,
  resolve: ResolveShared,
): OrderFinding[] {
  const label = `${api.name}/${api.version}`;
  const { production, sandbox, timeouts, webSocket } = api.endpoints;
  const trees = [production, sandbox, webSocket?.production ?? null, webSocket?.sandbox ?? null];
  const found = trees
    .flatMap((tree) => leavesOf(tree, resolve))
    .flatMap((leaf) => ownOrders({ gateway, api: { label, timeouts }, leaf }));
  // What the API says for all of its endpoints is said once.
  return [...new Map(found.map((finding) => [finding.message, finding])).values()];
}

function ownOrders(levels: DeadlineLevels): OrderFinding[] {
  return deadlineOrders(levels)
    .filter(({ value, aboveValue }) => value.origin.kind === 'api' || aboveValue.origin.kind === 'api')
    .map(({ level, ...order }) => ({ level, message: describeOrder(order) }));
}

/** Both deadlines with value and origin, what comes of it, and what to do. */
export function describeOrder(order: Omit<DeadlineOrder, 'level'>): string {
  const { name, value, above, aboveValue, consequence, remedy } = order;
  return `${name} of ${told(value)} is above ${above} of ${told(aboveValue)}: ${consequence}; ${remedy}`;
}

function told({ value, setting, origin }: DeadlineValue): string {
  const place = describeOrigin(origin);
  return place.endsWith(setting) ? `${value} ms (${place})` : `${value} ms (${setting}, ${place})`;
}

/** Every address below an endpoint. */
function leavesOf(endpoint: Endpoint | null, resolve: ResolveShared): LeafEndpoint[] {
  if (endpoint === null) return [];
  switch (endpoint.kind) {
    case 'mock':
      return [];
    case 'indirect':
    case 'template':
      // What is shared refers to nothing that is shared.
      return leavesOf(resolve(endpoint), () => null);
    case 'failover':
    case 'load_balance':
    case 'recipient_list':
      return endpoint.children.flatMap((child) => leavesOf(child, resolve));
    default:
      return [endpoint];
  }
}

function ladderOf(side: Ladder['side'], leaf: LeafEndpoint, levels: DeadlineLevels): Ladder {
  const { action, expression } = leaf.timeout;
  return {
    side,
    endpoint: leaf.name,
    url: shownUrl(leaf.url),
    action,
    ...(expression?.source ? { expression: expression.text } : {}),
    rungs: deadlineNames.filter((name) => isMet(name, leaf)).map((name) => rungOf(name, levels)),
    findings: ownOrders(levels),
  };
}

/** Whether calls to that address can meet the deadline at all. */
function isMet(name: DeadlineName, { kind, url, timeout }: LeafEndpoint): boolean {
  switch (name) {
    case 'tls-handshake':
      return !/^(?:legacy-encoding:)?(?:http|ws):/i.test(url);
    case 'name-lookup':
      return !/^[^/]*\/\/(?:\d{1,3}(?:\.\d{1,3}){3}|\[)/.test(url);
    case 'endpoint':
      return timeout.action !== 'never' && timeout.duration !== null;
    case 'websocket-idle':
    case 'client-body-idle':
    case 'client-write-idle':
    case 'backend-body-idle':
      return (kind === 'ws') === (name === 'websocket-idle');
    default:
      return true;
  }
}

function rungOf(name: DeadlineName, levels: DeadlineLevels): Rung {
  const { value, setting, origin } = deadlineValue(name, levels);
  const first = firstOf(name, levels);
  return {
    name,
    when: deadlines[name].when,
    value,
    setting,
    origin: describeOrigin(origin),
    ...(first === undefined ? {} : { first }),
  };
}

/**
 * What ends the call first in the phase of a deadline: itself, or what runs beside it and is not longer. The duration of the endpoint and the global deadline began
 * with the call, so that a phase of the same length ends no sooner.
 */
function firstOf(name: DeadlineName, levels: DeadlineLevels): Rung['first'] {
  const whole = wholeDeadline(levels);
  const beside: DeadlineName[] = name === 'global' || name === 'endpoint' ? [] : [name];
  if (name === 'name-lookup') beside.push('connect');
  if (deadlines[name].beforeAnswer) beside.unshift(whole);
  const running = beside
    .map((one) => ({ name: one, value: deadlineValue(one, levels).value }))
    .filter(({ value }) => value > 0);
  return running.reduce<Rung['first']>(
    (best, one) => (best === undefined || one.value < best.value ? one : best),
    undefined,
  );
}
