import { readVariables, unknownVariable, type VariableText, withoutEncoding } from '@sluice/model';

/** An endpoint URL, taken apart once. */
export interface EndpointUrl {
  readonly secure: boolean;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** For the `Host` header: with the port unless it is the scheme's own. */
  readonly host: string;
  readonly path: VariableText;
  /** Query without `?`; empty when there is none. */
  readonly query: VariableText;
}

/** Takes an http, https, ws or wss URL apart. Throws an Error with the reason in words when it cannot be called. Source: wso2-gateway.md 4.9. */
export function parseEndpointUrl(text: string): EndpointUrl {
  const trimmed = withoutEncoding(text);
  const parts = /^(https?|wss?):\/\/([^/?#]+)([^?#]*)(?:\?([^#]*))?/i.exec(trimmed);
  if (parts === null) throw new Error('the URL is none of http, https, ws and wss');
  const [, scheme = '', authority = '', path = '', query = ''] = parts;
  if (authority.includes('{')) throw new Error('the host of the URL is a template');
  if (authority.includes('@')) throw new Error('the URL holds credentials; use the endpoint security instead');
  // Only scheme and authority are left to the URL parser: it would rewrite the path.
  const secure = /^(?:https|wss)$/i.test(scheme);
  const url = URL.parse(`${secure ? 'https' : 'http'}://${authority}/`);
  if (url === null) throw new Error('the host or the port of the URL is not valid');
  if (/[^\x21-\x7e]/.test(path + query))
    throw new Error('the URL holds blanks or characters that must be percent-encoded');
  const [ownPath, ownQuery] = [readVariables(path), readVariables(query)];
  const unknown = unknownVariable(ownPath) ?? unknownVariable(ownQuery);
  if (unknown !== undefined) throw new Error(`nothing sets the variable ${unknown} of the URL`);
  return {
    secure,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    path: ownPath,
    query: ownQuery,
  };
}

/**
 * The target at the backend: path of the endpoint, then what followed the base path, one slash between them; the endpoint's
 * query stands before the client's. `rest` and `query` go on as they came.
 */
export function joinTarget(path: string, ownQuery: string, rest: string, query: string): string {
  let joined = path;
  if (rest !== '') joined = path.charCodeAt(path.length - 1) === 0x2f ? path + rest.substring(1) : path + rest;
  if (joined === '') joined = '/';
  if (ownQuery === '') return joined + query;
  return query.length > 1 ? `${joined}?${ownQuery}&${query.substring(1)}` : `${joined}?${ownQuery}`;
}
