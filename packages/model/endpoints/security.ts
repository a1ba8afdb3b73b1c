import type { EndpointSecurity } from '../endpoint.ts';
import { type Findings, hidden, member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { asObject, choice, flag, text, wholeNumber } from './scalars.ts';
import { backendUrl } from './url.ts';

type SecurityType = EndpointSecurity['type'];

const types = {
  none: 'none',
  basic: 'basic',
  digest: 'digest',
  oauth: 'oauth',
  apikey: 'apikey',
  aws: 'aws',
} as const;

/** How each member that WSO2 defines is read (wso2-gateway.md 5.3). `secret` members are never shown in a finding. */
type MemberForm = 'text' | 'secret' | 'url' | 'int' | 'map' | readonly string[];

const scopes = ['ENDPOINT_SPECIFIC', 'GLOBAL', 'NONE'] as const;

const membersOf: Readonly<Record<SecurityType, Readonly<Record<string, MemberForm>>>> = {
  basic: {},
  digest: {},
  oauth: {
    grantType: ['CLIENT_CREDENTIALS', 'PASSWORD'],
    tokenUrl: 'url',
    clientId: 'text',
    clientSecret: 'secret',
    customParameters: 'map',
    connectionTimeoutDuration: 'int',
    connectionRequestTimeoutDuration: 'int',
    socketTimeoutDuration: 'int',
    connectionTimeoutConfigType: scopes,
    proxyConfigType: scopes,
    proxyConfigs: 'map',
    uniqueIdentifier: 'text',
  },
  apikey: {
    apiKeyIdentifier: 'text',
    apiKeyValue: 'secret',
    apiKeyIdentifierType: ['HEADER', 'QUERY_PARAMETER'],
  },
  aws: { accessKey: 'text', secretKey: 'secret', region: 'text', service: 'text' },
};

/** Members without which a type cannot work. */
const required: Readonly<Record<SecurityType, readonly string[]>> = {
  basic: ['username'],
  digest: ['username'],
  oauth: ['tokenUrl', 'grantType', 'clientId'],
  apikey: ['apiKeyIdentifier'],
  aws: ['region'],
};

const maxMapMembers = 100;

/** Reads one side's security; null when there is none or it is switched off. */
function parseSecurity(value: Json | undefined, path: string, findings: Findings): EndpointSecurity | null {
  if (value === undefined || value === null) return null;
  const source = asObject(value);
  if (source === undefined) {
    findings.error(path, hidden, 'an object', 'Give type and credentials, or leave it out.');
    return null;
  }
  const enabled = flag(source, 'enabled', path, findings);
  if (enabled === false) return null;
  const type = choice(source, 'type', path, findings, types);
  if (type === undefined && enabled === true && !complains(findings, member(path, 'type'))) {
    findings.error(member(path, 'type'), undefined, `one of ${Object.keys(types).join(', ')}`, 'Add it.');
  }
  if (type === undefined || type === 'none') return null;
  const parameters: Record<string, unknown> = {};
  for (const [name, form] of Object.entries(membersOf[type])) {
    const parsed = parseMember(source, name, form, path, findings);
    if (parsed !== undefined) parameters[name] = parsed;
  }
  const additional = map(source.additionalProperties, member(path, 'additionalProperties'), findings);
  if (additional !== undefined) parameters.additionalProperties = additional;
  const username = text(source, 'username', path, findings);
  // A password may begin or end with blanks: it is taken as it is.
  const password = parseMember(source, 'password', 'secret', path, findings);
  const needed = parameters.grantType === 'PASSWORD' ? [...required[type], 'username'] : required[type];
  for (const name of needed) {
    const given = name === 'username' ? username : parameters[name];
    if (given === undefined && !complains(findings, member(path, name))) {
      findings.error(member(path, name), undefined, `${name} for the type ${type}`, 'Add it.');
    }
  }
  if (type === 'apikey') checkIdentifier(parameters, path, findings);
  if (parameters.proxyConfigType === 'ENDPOINT_SPECIFIC') checkProxy(parameters.proxyConfigs, path, findings);
  return {
    type,
    ...(username !== undefined && { username }),
    ...(typeof password === 'string' && { password }),
    parameters,
  };
}

/** A key in a header needs a name that a header can have (RFC 9110 section 5.1). */
function checkIdentifier(parameters: Record<string, unknown>, path: string, findings: Findings): void {
  const { apiKeyIdentifier: name, apiKeyIdentifierType: place } = parameters;
  if (place === 'QUERY_PARAMETER' || typeof name !== 'string' || /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return;
  findings.error(member(path, 'apiKeyIdentifier'), name, 'the name of a header', 'Leave out blanks and other signs.');
}

/** A proxy for token requests alone. */
function checkProxy(value: unknown, path: string, findings: Findings): void {
  const proxy = (value ?? {}) as JsonObject;
  const where = member(path, 'proxyConfigs');
  if (flag(proxy, 'proxyEnabled', where, findings) !== true) return;
  choice(proxy, 'proxyProtocol', where, findings, { http: 'http' });
  const port = wholeNumber(proxy, 'proxyPort', where, findings, { unit: 'ports', minimum: 1 });
  for (const [name, given] of Object.entries({
    proxyHost: text(proxy, 'proxyHost', where, findings),
    proxyPort: port,
  })) {
    if (given === undefined && !complains(findings, member(where, name))) {
      findings.error(member(where, name), undefined, `${name} of the proxy`, 'Add it, or switch proxyEnabled off.');
    }
  }
  if (port !== undefined && port > 65_535)
    findings.error(member(where, 'proxyPort'), port, 'a port up to 65535', 'Correct it.');
}

function complains(findings: Findings, path: string): boolean {
  return findings.list.some((finding) => finding.path === path);
}

function parseMember(source: JsonObject, name: string, form: MemberForm, path: string, findings: Findings): unknown {
  const where = member(path, name);
  if (form === 'text') return text(source, name, path, findings);
  if (form === 'int') {
    return wholeNumber(source, name, path, findings, { unit: 'milliseconds (-1 takes the global value)', minimum: -1 });
  }
  if (form === 'map') return map(source[name], where, findings);
  if (form === 'url') {
    const url = text(source, name, path, findings);
    return url === undefined ? undefined : backendUrl(url, ['http:', 'https:'], where, findings);
  }
  if (form === 'secret') {
    const value = source[name];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    findings.error(where, hidden, 'text', 'Give the value as a string.');
    return undefined;
  }
  return choice(source, name, path, findings, Object.fromEntries(form.map((word) => [word, word])));
}

/** A flat object of texts, numbers and switches, or the same as JSON text, as old versions keep it. */
function map(value: Json | undefined, path: string, findings: Findings): JsonObject | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const source = asObject(typeof value === 'string' ? tryJson(value) : value);
  if (source === undefined) {
    findings.error(path, hidden, 'an object of names and values', 'Give an object, or leave it out.');
    return undefined;
  }
  const entries = Object.entries(source);
  if (entries.length > maxMapMembers) {
    findings.error(path, source, `at most ${maxMapMembers} members`, 'Leave some out.');
    return undefined;
  }
  const kept = entries.filter(([name, item]) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return true;
    if (item !== null) findings.error(member(path, name), item, 'text, a number or a switch', 'Give a plain value.');
    return false;
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function tryJson(source: string): Json | undefined {
  try {
    return JSON.parse(source) as Json;
  } catch {
    return undefined;
  }
}

/** One side's security as WSO2 writes it: the three old types in capitals, the others not. */
export function formatSecurity(security: EndpointSecurity): JsonObject {
  const { type } = security;
  return {
    enabled: true,
    type: type === 'apikey' || type === 'aws' ? type : type.toUpperCase(),
    ...(security.username !== undefined && { username: security.username }),
    ...(security.password !== undefined && { password: security.password }),
    ...(security.parameters as JsonObject),
  };
}

/**
 * Security of both sides. Besides the object by side it reads the flat forms: one object for both sides in `endpoint_security`,
 * `endpointSecurity` or `securityConfig`, and the flags of version 2 (`endpointUTUsername` …).
 */
export function parseSecurities(
  config: JsonObject,
  legacy: Json | undefined,
  findings: Findings,
): { production: EndpointSecurity | null; sandbox: EndpointSecurity | null } {
  for (const name of ['endpoint_security', 'endpointSecurity', 'securityConfig']) {
    const value = config[name];
    if (value === undefined || value === null) continue;
    const source = asObject(value);
    if (source !== undefined && (Object.hasOwn(source, 'production') || Object.hasOwn(source, 'sandbox'))) {
      return {
        production: parseSecurity(source.production, `${name}.production`, findings),
        sandbox: parseSecurity(source.sandbox, `${name}.sandbox`, findings),
      };
    }
    if (source !== undefined && Object.keys(source).length === 0) continue;
    const both = parseSecurity(value, name, findings);
    return { production: both, sandbox: both };
  }
  const flat = asObject(legacy);
  const both = flat === undefined ? null : parseSecurity(fromFlags(flat), 'endpointSecurity', findings);
  return { production: both, sandbox: both };
}

function fromFlags(source: JsonObject): JsonObject {
  if (source.endpointUTUsername === undefined) return source;
  const digest = String(source.isEndpointAuthDigest ?? source.endpointAuthDigest ?? '').toLowerCase() === 'true';
  return {
    enabled: source.isEndpointSecured ?? source.endpointSecured ?? true,
    type: digest ? 'digest' : 'basic',
    username: source.endpointUTUsername,
    password: source.endpointUTPassword ?? '',
  };
}
