import type { ApiEndpoints, Endpoint } from '../endpoint.ts';
import { type Finding, Findings, hidden } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { parseBalance } from './balance.ts';
import { parseFailover, parseLoadBalance, type Side } from './group.ts';
import { parseLambda } from './lambda.ts';
import { type AddressedKind, bareLeaf, parseLeaf } from './leaf.ts';
import { parseRecipients } from './recipients.ts';
import { isReferenceKind, parseReferenceSide } from './reference.ts';
import { asObject, text } from './scalars.ts';
import { parseSecurities } from './security.ts';
import { parseApiTimeouts } from './timeouts.ts';

/** What else bears on the reading of an `endpointConfig`. */
export interface EndpointContext {
  /** The API's own `endpointSecurity`, where versions before 3 keep it. */
  readonly endpointSecurity?: Json;
}

export interface ParsedEndpoints {
  readonly endpoints: ApiEndpoints;
  readonly findings: readonly Finding[];
}

const none: ApiEndpoints = { production: null, sandbox: null };

/** WSO2's `endpoint_type`, compared lower-cased, and what becomes of it. */
const leafKinds: Readonly<Record<string, AddressedKind>> = {
  http: 'http',
  address: 'address',
  ws: 'ws',
  default: 'default',
  service: 'service',
  wsdl: 'wsdl',
};
const otherKinds = [
  ...['failover', 'load_balance', 'recipientlist', 'graphql', 'awslambda', 'sequence_backend'],
  ...['indirect', 'template', 'registry'],
];

/**
 * Translates WSO2's `endpointConfig` into the endpoint tree (wso2-gateway.md 5). Never throws: what cannot be used is left out and named in the findings.
 * A configuration kept as JSON text, as versions before 3 do, is read too.
 */
export function parseEndpointConfig(config: Json | undefined, context: EndpointContext = {}): ParsedEndpoints {
  const findings = new Findings();
  const source = objectOf(config, findings);
  if (source === undefined) return { endpoints: none, findings: findings.list };
  const endpoints = parseSource(source, context, findings);
  const timeouts = parseApiTimeouts(source.timeouts, findings);
  return { endpoints: timeouts === undefined ? endpoints : { ...endpoints, timeouts }, findings: findings.list };
}

function objectOf(config: Json | undefined, findings: Findings): JsonObject | undefined {
  if (config === undefined || config === null || config === '') return undefined;
  let value: Json = config;
  if (typeof config === 'string') {
    try {
      value = JSON.parse(config) as Json;
    } catch {
      findings.error('', hidden, 'a JSON object', 'Correct the JSON of the endpoint configuration.');
      return undefined;
    }
    if (value === null) return undefined;
  }
  const source = asObject(value);
  if (source === undefined) {
    findings.error('', value, 'a JSON object', 'Give the endpoint configuration as an object.');
  }
  return source;
}

function parseSource(config: JsonObject, context: EndpointContext, findings: Findings): ApiEndpoints {
  const type = endpointType(config, findings);
  if (type === undefined) return none;
  if (type === 'graphql') return parseGraphql(config, context, findings);
  const security = parseSecurities(config, context.endpointSecurity, findings);
  const sides: { production: Side; sandbox: Side } = {
    production: { key: 'production', name: 'prod', security: security.production },
    sandbox: { key: 'sandbox', name: 'sandbox', security: security.sandbox },
  };
  const read = readerOf(type, config, findings);
  return { production: read(sides.production), sandbox: read(sides.sandbox) };
}

type Reader = (side: Side) => Endpoint | null;

function readerOf(type: string, config: JsonObject, findings: Findings): Reader {
  if (type === 'failover') return (side) => parseFailover(config, side, findings);
  if (type === 'load_balance') {
    const balance = parseBalance(config, '', findings);
    return (side) => parseLoadBalance(config, side, balance, findings);
  }
  if (type === 'recipientlist') return (side) => parseRecipients(config, side, findings);
  if (isReferenceKind(type)) return (side) => parseReferenceSide(config, type, side, findings);
  if (type === 'awslambda') {
    const lambda = parseLambda(config, findings);
    return (side) => ({ ...bareLeaf('awslambda', side.name, side.security), lambda });
  }
  if (type === 'sequence_backend') return (side) => parseSequence(config, side, findings);
  const kind = leafKinds[type] ?? 'http';
  return (side) => {
    const path = `${side.key}_endpoints`;
    const value = config[path];
    // A list under a single kind comes from a form that was switched back: its first member is the backend.
    const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (single === undefined || single === '') return null;
    return parseLeaf(single, { kind, name: side.name, security: side.security, ownKind: false }, path, findings);
  };
}

/** The custom backend of a side is named by `production` and `sandbox`, or stands as the `url` of the side. */
function parseSequence(config: JsonObject, side: Side, findings: Findings): Endpoint | null {
  const named = text(config, side.key, '', findings);
  if (named !== undefined) return { ...bareLeaf('sequence', side.name, side.security), reference: named };
  const path = `${side.key}_endpoints`;
  const value = config[path];
  if (value === undefined || value === '') return null;
  return parseLeaf(
    value,
    { kind: 'sequence', name: side.name, security: side.security, ownKind: false },
    path,
    findings,
  );
}

/** Queries and mutations go to the `http` part, subscriptions to the `ws` part; without parts it is a plain `http` configuration. */
function parseGraphql(config: JsonObject, context: EndpointContext, findings: Findings): ApiEndpoints {
  const security = parseSecurities(config, context.endpointSecurity, findings);
  const part = (name: 'http' | 'ws', key: 'production' | 'sandbox', leafName: string): Endpoint | null => {
    const source = name === 'http' && config.http === undefined ? config : asObject(config[name]);
    const value = source?.[`${key}_endpoints`];
    if (value === undefined || value === '') return null;
    const path = source === config ? `${key}_endpoints` : `${name}.${key}_endpoints`;
    return parseLeaf(value, { kind: name, name: leafName, security: security[key], ownKind: false }, path, findings);
  };
  for (const name of ['http', 'ws']) {
    const value = config[name];
    if (value !== undefined && value !== null && asObject(value) === undefined) {
      findings.error(name, value, 'an object', 'Give production_endpoints and sandbox_endpoints in it.');
    }
  }
  return {
    production: part('http', 'production', 'prod'),
    sandbox: part('http', 'sandbox', 'sandbox'),
    webSocket: { production: part('ws', 'production', 'prod.ws'), sandbox: part('ws', 'sandbox', 'sandbox.ws') },
  };
}

/** The type that is given, lower-cased, or the one that the members betray. */
function endpointType(config: JsonObject, findings: Findings): string | undefined {
  const given = text(config, 'endpoint_type', '', findings)?.toLowerCase();
  if (given === undefined) return inferredType(config);
  if (Object.hasOwn(leafKinds, given) || otherKinds.includes(given)) return given;
  const known = [...Object.keys(leafKinds), ...otherKinds].join(', ');
  findings.error('endpoint_type', config.endpoint_type, `one of ${known}`, 'Use one of these.');
  return undefined;
}

function inferredType(config: JsonObject): string {
  if (config.production_failovers !== undefined || config.sandbox_failovers !== undefined) return 'failover';
  const lists = [config.production_endpoints, config.sandbox_endpoints].filter(Array.isArray);
  return lists.some((list) => list.length > 1) || config.algoClassName !== undefined ? 'load_balance' : 'http';
}
