import type { ApiEndpoints, Endpoint, EndpointSecurity, LeafEndpoint } from '../endpoint.ts';
import type { Json, JsonObject } from '../json.ts';
import { formatBalance } from './group.ts';
import { formatLambda } from './lambda.ts';
import { formatLeaf } from './leaf.ts';
import { formatSecurity } from './security.ts';

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
  return { ...body, ...formatSecurities(endpoints) };
}

function formatGraphql(http: Pair, ws: Pair): JsonObject {
  return { http: formatPair(http), ws: { ...formatPair(ws), endpoint_type: 'ws' } };
}

function formatPair(pair: Pair): JsonObject {
  const kind = commonKind(pair);
  if (kind === 'failover') return { endpoint_type: kind, failOver: true, ...eachSide(pair, failoverSide) };
  if (kind === 'load_balance') {
    const group = pair.production ?? pair.sandbox;
    const balance = group?.kind === 'load_balance' ? formatBalance(group) : {};
    return { endpoint_type: kind, ...balance, ...eachSide(pair, loadBalanceSide) };
  }
  if (kind === 'awslambda') {
    const leaf = (pair.production ?? pair.sandbox) as LeafEndpoint;
    return { endpoint_type: kind, ...(leaf.lambda !== undefined && formatLambda(leaf.lambda)) };
  }
  if (kind === 'sequence') return { endpoint_type: 'sequence_backend', ...eachSide(pair, sequenceSide) };
  return { endpoint_type: kind === 'registry' ? 'Registry' : kind, ...eachSide(pair, leafSide) };
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

function loadBalanceSide(endpoint: Endpoint, key: string): JsonObject {
  return { [`${key}_endpoints`]: members(endpoint) };
}

/** The primary is an object; members that came in one list with it stay behind it in the list of the others' names. */
function failoverSide(endpoint: Endpoint, key: string): JsonObject {
  if (endpoint.kind !== 'failover') return {};
  const written = endpoint.children.map((child) => ({ child, json: formatLeaf(asLeaf(child), true) }));
  const others = written.filter(({ child }) => child.name.includes('.failover['));
  const primary = written.filter(({ child }) => !child.name.includes('.failover['));
  return {
    ...(primary.length === 1 && { [`${key}_endpoints`]: primary[0]?.json as Json }),
    ...(primary.length > 1 && { [`${key}_endpoints`]: primary.map(({ json }) => json) }),
    [`${key}_failovers`]: others.map(({ json }) => json),
  };
}

function members(group: Endpoint): JsonObject[] {
  if (group.kind !== 'failover' && group.kind !== 'load_balance') return [];
  return group.children.map((child) => formatLeaf(asLeaf(child), true));
}

function asLeaf(endpoint: Endpoint): LeafEndpoint {
  if (endpoint.kind === 'failover' || endpoint.kind === 'load_balance') {
    throw new RangeError('an endpointConfig cannot hold nested groups');
  }
  return endpoint;
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
  if (endpoint.kind === 'failover' || endpoint.kind === 'load_balance') return securityOf(endpoint.children[0] ?? null);
  return endpoint.security;
}
