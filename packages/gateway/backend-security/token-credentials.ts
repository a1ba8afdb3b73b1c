import { createHash } from 'node:crypto';
import type { EndpointSecurity } from '@sluice/model';
import { type EndpointUrl, parseEndpointUrl } from '../endpoints/url.ts';
import type { Route } from '../transport/call.ts';

/** What the settings say for token endpoints that say nothing else. Milliseconds. */
export interface TokenTimeouts {
  /** Until there is a connection. */
  readonly connect: number;
  /** From then on until the whole answer is there. */
  readonly answer: number;
  /** A call's wait for a token that is being fetched. */
  readonly wait: number;
}

/** How tokens for a backend are asked for. */
export interface TokenCredentials {
  readonly url: EndpointUrl;
  /** `host:port` for messages; nothing else of the address is shown. */
  readonly place: string;
  /** `Authorization: Basic …\r\n` of the client, or empty. */
  readonly clientLine: string;
  /** Form fields of a grant, encoded; and those that every request carries. */
  readonly grant: string;
  readonly custom: string;
  readonly timeouts: TokenTimeouts;
  /** Null goes the way that the gateway's settings say. */
  readonly proxy: NonNullable<Route['proxy']> | null;
  /** The same for the same credentials at the same endpoint, and for no others. Holds no secret. */
  readonly key: string;
}

/** Reads an endpoint security of type `oauth`, its secrets in the clear. Throws an Error in words when it cannot be used. */
export function tokenCredentials(security: EndpointSecurity, usual: TokenTimeouts): TokenCredentials {
  const { parameters, username = '', password = '' } = security;
  const member = (name: string) => (typeof parameters[name] === 'string' ? (parameters[name] as string) : '');
  const url = parseEndpointUrl(member('tokenUrl'));
  const clientId = member('clientId');
  const clientSecret = member('clientSecret');
  const grant =
    member('grantType') === 'PASSWORD'
      ? form({ grant_type: 'password', username, password })
      : form({ grant_type: 'client_credentials' });
  const custom = form((parameters.customParameters ?? {}) as Record<string, unknown>);
  // As WSO2 sends it: without the form encoding that RFC 6749 section 2.3.1 asks for, which changes ids and secrets of unusual characters alone.
  const client = Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64');
  const clientLine = clientId === '' ? '' : `Authorization: Basic ${client}\r\n`;
  const timeouts = timeoutsOf(parameters, usual);
  const proxy = proxyOf(parameters);
  const whole = JSON.stringify([parameters.tokenUrl, clientLine, grant, custom, timeouts, proxy]);
  return {
    ...{ url, clientLine, grant, custom, timeouts, proxy },
    place: `${url.hostname.includes(':') ? `[${url.hostname}]` : url.hostname}:${url.port}`,
    key: createHash('sha256').update(whole).digest('base64url'),
  };
}

/** `application/x-www-form-urlencoded`. */
export function form(fields: Readonly<Record<string, unknown>>): string {
  return new URLSearchParams(
    Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString();
}

/** Durations of an endpoint count unless its `connectionTimeoutConfigType` says otherwise; -1 takes the settings' (wso2-gateway.md 5.3). */
function timeoutsOf(parameters: EndpointSecurity['parameters'], usual: TokenTimeouts): TokenTimeouts {
  const type = parameters.connectionTimeoutConfigType;
  if (type === 'GLOBAL' || type === 'NONE') return usual;
  const own = (name: string, otherwise: number): number => {
    const value = parameters[name];
    return typeof value === 'number' && value > 0 ? value : otherwise;
  };
  return {
    connect: own('connectionTimeoutDuration', usual.connect),
    answer: own('socketTimeoutDuration', usual.answer),
    wait: own('connectionRequestTimeoutDuration', usual.wait),
  };
}

function proxyOf(parameters: EndpointSecurity['parameters']): NonNullable<Route['proxy']> | null {
  const type = parameters.proxyConfigType;
  if (type === 'NONE') return 'direct';
  if (type !== 'ENDPOINT_SPECIFIC') return null;
  const given = (parameters.proxyConfigs ?? {}) as Record<string, unknown>;
  const text = (name: string) => String(given[name] ?? '');
  if (text('proxyEnabled').toLowerCase() !== 'true') return null;
  const port = Number(text('proxyPort'));
  if (text('proxyHost') === '' || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error('the proxy of its token endpoint has no valid proxyHost and proxyPort');
  if (!['', 'http'].includes(text('proxyProtocol').toLowerCase()))
    throw new Error('the proxy of its token endpoint is none that is spoken to by http');
  return { host: text('proxyHost'), port, username: text('proxyUsername'), password: text('proxyPassword') };
}
