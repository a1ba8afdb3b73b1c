import type { EndpointSecurity, LeafEndpoint } from '../endpoint.ts';
import { type Findings, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObject, choice, text } from './scalars.ts';
import { defaultTiming, formatTiming, parseTiming, socketTiming } from './timing.ts';
import { backendUrl } from './url.ts';

/** Leaf kinds that an object with a `url` can be. */
export type AddressedKind = Exclude<LeafEndpoint['kind'], 'awslambda'>;

const memberKinds = {
  http: 'http',
  address: 'address',
  wsdl: 'wsdl',
  ws: 'ws',
  default: 'default',
  service: 'service',
} as const;
const formats = {
  soap11: 'soap11',
  soap12: 'soap12',
  POX: 'pox',
  REST: 'rest',
  GET: 'get',
  'leave-as-is': 'leave',
} as const;
/** Sluice's own member; WSO2 has none for it. */
const protocols = { 'http/1.1': 'http/1.1', h2: 'h2', h2c: 'h2c' } as const;
const optimizations = { SWA: 'swa', MTOM: 'mtom', 'leave-as-is': 'leave' } as const;

/** What every leaf has when nothing more is said. */
export function bareLeaf(kind: LeafEndpoint['kind'], name: string, security: EndpointSecurity | null): LeafEndpoint {
  const timing = kind === 'ws' ? socketTiming : defaultTiming;
  return { kind, name, url: '', ...timing, security, format: null, optimize: null };
}

export interface LeafContext {
  /** Kind by the configuration as a whole. */
  readonly kind: AddressedKind;
  readonly name: string;
  readonly security: EndpointSecurity | null;
  /** Members of a group may each say their kind. */
  readonly ownKind: boolean;
  /** Groups around it; absent is at most one. */
  readonly depth?: number;
}

/** Reads `{ url, config, … }`; null when no address is there, which is how the publisher's forms write a side that is not given. */
export function parseLeaf(value: Json, context: LeafContext, path: string, findings: Findings): LeafEndpoint | null {
  const source = asObject(value);
  if (source === undefined) {
    if (value !== null) findings.error(path, value, 'an object with a url', 'Write { "url": "https://…" }.');
    return null;
  }
  const own = context.ownKind ? choice(source, 'endpoint_type', path, findings, memberKinds) : undefined;
  const kind = own ?? context.kind;
  const given = text(source, 'url', path, findings);
  if (kind === 'wsdl') return parseWsdl(source, given, context, path, findings);
  if (given === undefined && kind !== 'default') return null;
  const leaf = bareLeaf(kind, context.name, context.security);
  const config = parseConfig(source.config, member(path, 'config'), findings);
  const timing = config === undefined || kind === 'ws' ? {} : parseTiming(config, member(path, 'config'), findings);
  const shape = kind === 'address' && config !== undefined ? parseShape(config, member(path, 'config'), findings) : {};
  if (kind === 'default') return { ...leaf, ...timing };
  if (kind === 'sequence') return { ...leaf, reference: given ?? '' };
  const schemes = kind === 'ws' ? ['ws:', 'wss:'] : ['http:', 'https:'];
  const url = backendUrl(given ?? '', schemes, member(path, 'url'), findings);
  if (url === undefined) return null;
  const speaks =
    config === undefined || kind === 'ws' ? {} : parseProtocol(config, url, member(path, 'config'), findings);
  return { ...leaf, ...timing, ...shape, ...speaks, url };
}

/** `url` is that of the document, `address` what was read from it; the names of service and port stand in `config`, as in WSO2 1.x. */
function parseWsdl(
  source: JsonObject,
  uri: string | undefined,
  context: LeafContext,
  path: string,
  findings: Findings,
): LeafEndpoint | null {
  const config = parseConfig(source.config, member(path, 'config'), findings) ?? {};
  const within = member(path, 'config');
  const service = text(config, 'service', within, findings) ?? '';
  const port = text(config, 'port', within, findings) ?? '';
  const address = text(source, 'address', path, findings);
  // A side without anything is how forms write one that is not given.
  if (uri === undefined && address === undefined && service === '' && port === '') return null;
  const schemes = ['http:', 'https:'];
  const place = uri === undefined ? '' : backendUrl(uri, schemes, member(path, 'url'), findings);
  const url = address === undefined ? '' : backendUrl(address, schemes, member(path, 'address'), findings);
  if (place === undefined || url === undefined) return null;
  return {
    ...bareLeaf('wsdl', context.name, context.security),
    ...parseTiming(config, within, findings),
    ...parseShape(config, within, findings),
    ...parseProtocol(config, url, within, findings),
    url,
    wsdl: { uri: place, service, port },
  };
}

/** `h2` takes both schemes; `h2c` says that there is no TLS, which the URL must agree with. */
function parseProtocol(
  config: JsonObject,
  url: string,
  path: string,
  findings: Findings,
): Pick<LeafEndpoint, 'protocol'> {
  const protocol = choice(config, 'protocol', path, findings, protocols);
  if (protocol === undefined || protocol === 'http/1.1') return {};
  if (protocol === 'h2c' && isSecure(url)) {
    findings.error(member(path, 'protocol'), protocol, 'h2 for an https URL', 'Write h2, or call the backend by http.');
  }
  return { protocol: 'h2' };
}

function isSecure(url: string): boolean {
  return /^(legacy-encoding:)?https:/i.test(url);
}

/** `config` is an object, or its JSON text in old stores. */
function parseConfig(value: Json | undefined, path: string, findings: Findings): JsonObject | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const source = asObject(value);
  if (source !== undefined) return source;
  if (typeof value === 'string') {
    try {
      const parsed = JSON.parse(value) as Json;
      if (parsed === null) return undefined;
      const object = asObject(parsed);
      if (object !== undefined) return object;
    } catch {
      // Reported below like any other value that is no object.
    }
  }
  findings.error(path, value, 'an object', 'Give the advanced settings as an object, or leave them out.');
  return undefined;
}

function parseShape(config: JsonObject, path: string, findings: Findings): Pick<LeafEndpoint, 'format' | 'optimize'> {
  const format = choice(config, 'format', path, findings, formats);
  const optimize = choice(config, 'optimize', path, findings, optimizations);
  return {
    format: format === undefined || format === 'leave' ? null : format,
    optimize: optimize === undefined || optimize === 'leave' ? null : optimize,
  };
}

/** The leaf as WSO2 writes it. A member of a group says its own kind. */
export function formatLeaf(leaf: LeafEndpoint, inGroup: boolean): JsonObject {
  const config = leaf.kind === 'ws' ? undefined : formatTiming(leaf);
  const shape: JsonObject = {};
  if (leaf.format !== null) shape.format = writtenFormat(leaf.format);
  if (leaf.optimize !== null) shape.optimize = leaf.optimize.toUpperCase();
  if (leaf.protocol !== undefined) shape.protocol = isSecure(leaf.url) ? 'h2' : 'h2c';
  if (leaf.wsdl !== undefined && leaf.wsdl.service !== '') shape.service = leaf.wsdl.service;
  if (leaf.wsdl !== undefined && leaf.wsdl.port !== '') shape.port = leaf.wsdl.port;
  const whole = { ...config, ...shape };
  return {
    ...(inGroup && { endpoint_type: leaf.kind, template_not_supported: false }),
    url: leaf.kind === 'default' ? 'default' : (leaf.wsdl?.uri ?? leaf.reference ?? leaf.url),
    ...(leaf.wsdl !== undefined && leaf.url !== '' && { address: leaf.url }),
    ...(Object.keys(whole).length > 0 && { config: whole }),
  };
}

function writtenFormat(format: NonNullable<LeafEndpoint['format']>): string {
  return format.startsWith('soap') ? format : format.toUpperCase();
}
