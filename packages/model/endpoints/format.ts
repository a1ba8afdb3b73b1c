import type { ApiEndpoints, Endpoint, EndpointSecurity, LeafEndpoint } from '../endpoint.ts';
import type { Json, JsonObject } from '../json.ts';
import { formatGroup, formatMembers } from './group.ts';
import { formatLambda } from './lambda.ts';
import { formatLeaf } from './leaf.ts';
import { formatMember } from './member.ts';
import { formatReference } from './reference.ts';
import { formatSecurity } from './security.ts';
import { formatTimeouts } from './timeouts.ts';

type Pair = { readonly production: Endpoint | null; readonly sandbox: Endpoint | null };

/**
 * Writes the endpoint tree as WSO2's `endpointConfig`; `parseEndpointConfig` reads it back to the same tree.
 * Throws `RangeError` for a tree that the form cannot hold: nested groups, or sides of different kinds.
 */
export function formatEndpointConfig(endpoints: ApiEndpoints): JsonObject {
  const body =
    endpoints.webSocket === undefined
      ? formatPair(endpoints)
      : { endpoint_type: 'graphql', ...formatGraphql(endpoints, endpoints.webSocket) };
  const timeouts = formatTimeouts(endpoints.timeouts);
  return { ...body, ...(timeouts && { timeouts }), ...formatSecurities(endpoints) };
}

function formatGraphql(http: Pair, ws: Pair): JsonObject {
  return { http: formatPair(http), ws: { ...formatPair(ws), endpoint_type: 'ws' } };
}

function formatPair(pair: Pair): JsonObject {
  const kind = commonKind(pair);
  if (kind === 'failover') {
    return { endpoint_type: kind, ...groupOf(pair), ...eachSide(pair, failoverSide) };
  }
  if (kind === 'load_balance') {
    return { endpoint_type: kind, ...groupOf(pair), ...eachSide(pair, loadBalanceSide) };
  }
  if (kind === 'awslambda') {
    const leaf = (pair.production ?? pair.sandbox) as LeafEndpoint;
    return { endpoint_type: kind, ...(leaf.lambda !== undefined && formatLambda(leaf.lambda)) };
  }
  if (kind === 'sequence') return { endpoint_type: 'sequence_backend', ...eachSide(pair, sequenceSide) };
  if (kind === 'recipient_list') return { endpoint_type: 'recipientlist', ...eachSide(pair, loadBalanceSide) };
  if (kind === 'indirect' || kind === 'template') return { endpoint_type: kind, ...eachSide(pair, referenceSide) };
  return { endpoint_type: kind, ...eachSide(pair, leafSide) };
}

function groupOf(pair: Pair): JsonObject {
  const group = pair.production ?? pair.sandbox;
  return group?.kind === 'failover' || group?.kind === 'load_balance' ? formatGroup(group) : {};
}

function commonKind(pair: Pair): Endpoint['kind'] {
  const first = pair.production ?? pair.sandbox;
  const second = pair.sandbox ?? first;
  if (first === null || second === null) return 'http';
  if (first.kind !== second.kind) {
    throw new RangeError(`one endpointConfig cannot hold ${first.kind} and ${second.kind} endpoints`);
  }
  return first.kind;
}

function eachSide(pair: Pair, write: (endpoint: Endpoint, key: string) => JsonObject): JsonObject {
  return {
    ...(pair.production !== null && write(pair.production, 'production')),
    ...(pair.sandbox !== null && write(pair.sandbox, 'sandbox')),
  };
}

function leafSide(endpoint: Endpoint, key: string): JsonObject {
  return { [`${key}_endpoints`]: formatLeaf(asLeaf(endpoint), false) };
}

function sequenceSide(endpoint: Endpoint, key: string): JsonObject {
  return { [key]: asLeaf(endpoint).reference ?? '' };
}

function referenceSide(endpoint: Endpoint, key: string): JsonObject {
  if (endpoint.kind !== 'indirect' && endpoint.kind !== 'template') return {};
  return { [`${key}_endpoints`]: formatReference(endpoint, false) };
}

function loadBalanceSide(endpoint: Endpoint, key: string): JsonObject {
  return { [`${key}_endpoints`]: members(endpoint) };
}

/** The primary is an object; members that came in one list with it stay behind it in the list of the others' names. */
function failoverSide(endpoint: Endpoint, key: string): JsonObject {
  if (endpoint.kind !== 'failover') return {};
  const written = endpoint.children.map((child) => ({ child, json: formatMember(child) }));
  const others = written.filter(({ child }) => child.name.includes('.failover['));
  const primary = written.filter(({ child }) => !child.name.includes('.failover['));
  return {
    ...(primary.length === 1 && { [`${key}_endpoints`]: primary[0]?.json as Json }),
    ...(primary.length > 1 && { [`${key}_endpoints`]: primary.map(({ json }) => json) }),
    [`${key}_failovers`]: others.map(({ json }) => json),
  };
}

function members(group: Endpoint): JsonObject[] {
  return hasChildren(group) ? formatMembers(group) : [];
}

function asLeaf(endpoint: Endpoint): LeafEndpoint {
  if (hasChildren(endpoint)) throw new RangeError('an endpointConfig cannot hold nested groups');
  if (!('url' in endpoint)) throw new RangeError(`${endpoint.kind} has no address`);
  return endpoint;
}

type Group = Extract<Endpoint, { readonly children: readonly Endpoint[] }>;

function hasChildren(endpoint: Endpoint): endpoint is Group {
  return 'children' in endpoint;
}

function formatSecurities(endpoints: ApiEndpoints): JsonObject {
  const production = securityOf(endpoints.production) ?? securityOf(endpoints.webSocket?.production ?? null);
  const sandbox = securityOf(endpoints.sandbox) ?? securityOf(endpoints.webSocket?.sandbox ?? null);
  if (production === null && sandbox === null) return {};
  return {
    endpoint_security: {
      ...(production !== null && { production: formatSecurity(production) }),
      ...(sandbox !== null && { sandbox: formatSecurity(sandbox) }),
    },
  };
}

function securityOf(endpoint: Endpoint | null): EndpointSecurity | null {
  if (endpoint === null) return null;
  if (hasChildren(endpoint)) {
    return endpoint.children.reduce<EndpointSecurity | null>((found, child) => found ?? securityOf(child), null);
  }
  return 'security' in endpoint ? endpoint.security : null;
}
