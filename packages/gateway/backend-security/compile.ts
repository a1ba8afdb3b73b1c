import type { EndpointSecurity } from '@sluice/model';
import { ApiKeyQuery } from './api-key-query.ts';
import { Bearer } from './bearer.ts';
import { Digest } from './digest.ts';
import type { BackendSecuritySettings } from './options.ts';
import type { Scheme } from './scheme.ts';

/** How a leaf proves the gateway to its backend. */
export interface CompiledSecurity {
  /** Line that every request gets; empty for none. */
  readonly line: string;
  /** Lower-case names of client headers that stay here, since the gateway's own stand in their place. */
  readonly without: readonly string[];
  /** A key in the query; null for none. */
  readonly query: ApiKeyQuery | null;
  /** What a fixed line does not do; null for nothing. */
  readonly scheme: Scheme | null;
}

const nothing: CompiledSecurity = { line: '', without: [], query: null, scheme: null };

/** Throws an Error in words when the security cannot be used. */
export function compileSecurity(
  security: EndpointSecurity | null,
  apiId: string,
  settings: BackendSecuritySettings,
): CompiledSecurity {
  if (security === null) return nothing;
  const clear = unsealed(security, apiId, settings);
  const { username = '', password = '', parameters } = clear;
  switch (clear.type) {
    case 'basic': {
      // RFC 7617, in UTF-8.
      const credentials = Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
      return inHeader(`Authorization: Basic ${credentials}\r\n`, null);
    }
    case 'digest':
      return inHeader('', new Digest({ name: username, password }, settings.keepsBody));
    case 'oauth':
      return inHeader('', new Bearer(settings.tokens.of(clear), settings.repeatsWithNewToken, settings.keepsBody));
    case 'apikey':
      return apiKey(parameters);
    case 'aws':
      throw new Error('endpoint security of type aws is not supported');
  }
}

function inHeader(line: string, scheme: Scheme | null): CompiledSecurity {
  return { line, without: ['authorization'], query: null, scheme };
}

/** Names that a key cannot have, since they say how the message is read or where it goes. */
const taken = new Set([
  ...['host', 'content-length', 'transfer-encoding', 'connection', 'upgrade', 'te', 'trailer', 'keep-alive', 'expect'],
  ...['proxy-authorization', 'proxy-connection'],
]);

function apiKey(parameters: EndpointSecurity['parameters']): CompiledSecurity {
  const name = String(parameters.apiKeyIdentifier ?? '');
  const value = String(parameters.apiKeyValue ?? '');
  if (parameters.apiKeyIdentifierType === 'QUERY_PARAMETER') {
    return { ...nothing, query: new ApiKeyQuery(name, value) };
  }
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || taken.has(name.toLowerCase()))
    throw new Error('the apiKeyIdentifier of its endpoint security is no name of a header that a key can have');
  if (!/^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/.test(value))
    throw new Error('the apiKeyValue of its endpoint security is empty, or holds what no header may carry');
  return { ...nothing, line: `${name}: ${value}\r\n`, without: [name.toLowerCase()] };
}

/** The same with every text in the clear. */
function unsealed(security: EndpointSecurity, apiId: string, { secrets }: BackendSecuritySettings): EndpointSecurity {
  const open = (value: unknown): unknown => {
    if (typeof value === 'string') return secrets.open(value, apiId);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, open(member)]));
  };
  return open(security) as EndpointSecurity;
}
