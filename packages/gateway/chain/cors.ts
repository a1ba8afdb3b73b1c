import type { DeployedApi } from '@sluice/model';
import type { ResponseHead } from '../transport/call.ts';
import type { Exchange } from './exchange.ts';
import type { CompileSettings } from './settings.ts';

/** The CORS rules of an API, ready to apply. */
export interface CompiledCors {
  /** `*` is in the list: every origin may read, and the answer does not depend on it. */
  readonly any: boolean;
  readonly origins: ReadonlySet<string>;
  /** Literal parts of entries with `*`, between which anything may stand. */
  readonly patterns: readonly (readonly string[])[];
  readonly credentials: boolean;
  /** Upper-case. */
  readonly methods: ReadonlySet<string>;
  /** Value of `Access-Control-Allow-Headers`; null echoes what was asked for. */
  readonly headers: string | null;
  /** Line with `Access-Control-Expose-Headers`, or empty. */
  readonly expose: string;
}

/** The API's own configuration when it is on, else that of the gateway (wso2-gateway.md 6.3). */
export function compileCors(api: DeployedApi, settings: CompileSettings): CompiledCors | null {
  const own = api.cors?.corsConfigurationEnabled ? api.cors : null;
  const rules = own ?? (settings.cors?.corsConfigurationEnabled ? settings.cors : null);
  if (rules === null) return null;
  const origins = rules.accessControlAllowOrigins.filter(isLine);
  const headers = rules.accessControlAllowHeaders.filter(isLine);
  const known = new Set(headers.map((name) => name.toLowerCase()));
  for (const name of [api.authorizationHeader, api.apiKeyHeader].filter(isLine))
    if (!known.has(name.toLowerCase())) headers.push(name);
  const expose = settings.corsExposeHeaders.filter(isLine);
  return {
    any: origins.includes('*'),
    origins: new Set(origins.filter((origin) => !origin.includes('*'))),
    patterns: origins.filter((origin) => origin.includes('*')).map((origin) => origin.split('*')),
    credentials: rules.accessControlAllowCredentials,
    methods: new Set(rules.accessControlAllowMethods.map((method) => method.toUpperCase())),
    headers: headers.includes('*') ? null : headers.join(','),
    expose: expose.length === 0 ? '' : `Access-Control-Expose-Headers: ${expose.join(',')}\r\n`,
  };
}

/** Nothing from a definition may begin a header line of its own. */
function isLine(value: string): boolean {
  return !/[^\x20-\x7e]/.test(value);
}

/** An origin is scheme, host and port (RFC 6454 section 6.2); anything with a path or a user is none. */
const serialized = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]+$/i;

/** Anchored at both ends, unlike WSO2's search: `https://*.example.com` does not fit `https://a.example.com.evil.net`. */
function fits(pattern: readonly string[], origin: string): boolean {
  if (!serialized.test(origin)) return false;
  const first = pattern[0] ?? '';
  const last = pattern[pattern.length - 1] ?? '';
  const end = origin.length - last.length;
  if (end < first.length || !origin.startsWith(first) || !origin.endsWith(last)) return false;
  let at = first.length;
  for (let i = 1; i < pattern.length - 1; i++) {
    const part = pattern[i] ?? '';
    const found = origin.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether pages of this origin may read answers. */
export function mayRead(cors: CompiledCors, origin: string): boolean {
  return cors.any || cors.origins.has(origin) || cors.patterns.some((pattern) => fits(pattern, origin));
}

/** Header lines for an answer to this call: whether the page it came from may read it. Empty where CORS is off. */
export function corsLines(exchange: Exchange): string {
  const cors = exchange.api?.cors ?? null;
  if (cors === null) return '';
  if (cors.any) return 'Access-Control-Allow-Origin: *\r\n';
  const origin = exchange.call.head.header('origin');
  if (origin === undefined) return '';
  if (!mayRead(cors, origin)) return 'Vary: Origin\r\n';
  const credentials = cors.credentials ? 'Access-Control-Allow-Credentials: true\r\n' : '';
  return `Access-Control-Allow-Origin: ${origin}\r\n${credentials}Vary: Origin\r\n`;
}

/** The same for an answer of the backend, whose own header is kept. */
export function corsLinesBeside(exchange: Exchange, head: ResponseHead): string | undefined {
  if (exchange.api?.cors == null || head.header('access-control-allow-origin') !== undefined) return undefined;
  const lines = corsLines(exchange);
  return lines === '' ? undefined : lines;
}

/**
 * OPTIONS that no operation defines: 200 from the gateway itself, before authentication, when the path has operations and
 * the method asked about is one of them.
 */
export function answerPreflight(exchange: Exchange): boolean {
  const { call, api } = exchange;
  if (api === null || call.head.method !== 'OPTIONS') return true;
  const verbs = api.operations.verbs(exchange.plainRest, 0);
  const asked = call.head.header('access-control-request-method');
  if (verbs.length === 0 || (asked !== undefined && !verbs.includes(asked))) return true;
  let lines = `Allow: ${verbs.join(', ')}\r\n`;
  const cors = api.cors;
  if (cors !== null) {
    const headers = cors.headers ?? call.head.header('access-control-request-headers') ?? '';
    lines += corsLines(exchange);
    lines += `Access-Control-Allow-Methods: ${verbs.filter((verb) => cors.methods.has(verb)).join(',')}\r\n`;
    if (headers !== '') lines += `Access-Control-Allow-Headers: ${headers}\r\n`;
    lines += cors.expose;
  }
  exchange.ownHeaders = lines;
  call.reply(200, lines, '');
  return false;
}
