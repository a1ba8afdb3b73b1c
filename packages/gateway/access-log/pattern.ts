import type { Exchange } from '../chain/exchange.ts';
import { hostName } from '../snapshot/routes.ts';
import type { CallOutcome, RequestHead } from '../transport/call.ts';
import { escapeValue, isSecretHeader, masked, maskQuery } from './mask.ts';

/** WSO2's default (wso2-gateway.md 8, `http_access_log.pattern`). */
export const defaultPattern = '%h %l %u %t %r %s %b %{Referer}i %{User-Agent}i %T';

type Field = (exchange: Exchange, outcome: CallOutcome) => string;

/** A pattern ready to write records. */
export interface CompiledPattern {
  /** Response headers that the pattern shows, lower-case. */
  readonly responseHeaders: readonly string[];
  /** One record without its line end. */
  format(exchange: Exchange, outcome: CallOutcome): string;
}

/** What each key writes. Single letters beyond Tomcat's are those of WSO2's pass-through access log; they show one header each. */
const fields: Readonly<Record<string, Field>> = {
  a: ({ call }) => call.remoteAddress,
  A: () => '-',
  b: (_, outcome) => (outcome.bytesOut === 0 ? '-' : String(outcome.bytesOut)),
  B: (_, outcome) => String(outcome.bytesOut),
  D: (_, outcome) => String(Math.round(outcome.duration)),
  h: ({ call }) => call.remoteAddress,
  H: ({ call }) => protocol(call.head),
  I: ({ call }) => call.id,
  i: (_, outcome) => String(outcome.bytesIn),
  l: () => '-',
  m: ({ call }) => escapeValue(call.head.method),
  p: ({ call }) => String(call.localPort),
  q: ({ call }) => escapeValue(maskQuery(call.head.query)),
  r: ({ call }) =>
    `${escapeValue(call.head.method)} ${escapeValue(maskQuery(call.head.target))} ${protocol(call.head)}`,
  s: (_, outcome) => String(outcome.status),
  t: ({ call }) => timestamp(call.startedAt),
  T: (_, outcome) => seconds(Math.round(outcome.duration)),
  u: ({ token }) => (token === null ? '-' : token.loggedAs),
  U: ({ call }) => escapeValue(call.head.path),
  v: ({ call }) => escapeValue(hostName(call.head.host)) || '-',
  C: requestHeader('accept'),
  c: requestHeader('cookie'),
  e: requestHeader('accept-encoding'),
  E: requestHeader('transfer-encoding'),
  k: requestHeader('keep-alive'),
  L: requestHeader('accept-language'),
  n: requestHeader('content-encoding'),
  S: requestHeader('accept-charset'),
  V: responseHeader('vary'),
  x: requestHeader('connection'),
  Z: responseHeader('server'),
};

/** Keys that show a response header. */
const responseHeaderKeys: Readonly<Record<string, string>> = { V: 'vary', Z: 'server' };

/** Compiles a pattern. Throws a RangeError that names the key it does not know. */
export function compilePattern(pattern: string): CompiledPattern {
  const parts: (string | Field)[] = [];
  const responseHeaders = new Set<string>();
  let literalFrom = 0;
  for (const match of pattern.matchAll(/%(?:\{([^}]*)\}([io])|(.)|$)/g)) {
    const [whole, header = '', direction, key] = match;
    parts.push(pattern.slice(literalFrom, match.index));
    literalFrom = match.index + whole.length;
    const name = header.toLowerCase();
    const field =
      direction === 'i' ? requestHeader(name) : direction === 'o' ? responseHeader(name) : fields[key ?? ''];
    if (direction === 'o') responseHeaders.add(name);
    if (key !== undefined && responseHeaderKeys[key] !== undefined) responseHeaders.add(responseHeaderKeys[key]);
    if (key === '%') parts.push('%');
    else if (field === undefined) throw new RangeError(`the access log pattern holds ${whole}, which is no known key`);
    else parts.push(field);
  }
  parts.push(pattern.slice(literalFrom));
  const used = parts.filter((part) => part !== '');
  return {
    responseHeaders: [...responseHeaders],
    format(exchange, outcome) {
      let line = '';
      for (let i = 0; i < used.length; i++) {
        const part = used[i] as string | Field;
        line += typeof part === 'string' ? part : part(exchange, outcome);
      }
      return line;
    },
  };
}

function protocol({ majorVersion, minorVersion }: RequestHead): string {
  return majorVersion === 2 ? 'HTTP/2.0' : minorVersion === 1 ? 'HTTP/1.1' : 'HTTP/1.0';
}

function requestHeader(name: string): Field {
  const secretEverywhere = isSecretHeader(name);
  return ({ call, api }) => {
    const value = call.head.header(name);
    if (value === undefined) return '-';
    const secret = secretEverywhere || api?.credentials.secretHeaders.has(name) === true;
    return secret ? masked : escapeValue(maskQuery(value));
  };
}

function responseHeader(name: string): Field {
  return ({ logged, ownHeaders }) => {
    const value = logged?.get(name) ?? (ownHeaders === null ? undefined : lineValue(ownHeaders, name));
    if (value === undefined) return '-';
    return isSecretHeader(name) ? masked : escapeValue(maskQuery(value));
  };
}

/** Value of a header among lines that the gateway itself wrote. */
function lineValue(lines: string, name: string): string | undefined {
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon === name.length && line.slice(0, colon).toLowerCase() === name) return line.slice(colon + 1).trim();
  }
  return undefined;
}

/** Milliseconds as seconds with three decimals; `toFixed` takes as long as the rest of a record. */
function seconds(millis: number): string {
  const whole = Math.floor(millis / 1000);
  const rest = millis - whole * 1000;
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
let stampedSecond = -1;
let stamp = '';

/** Common Log Format time in the zone of the process, made once a second. */
function timestamp(epoch: number): string {
  const second = Math.floor(epoch / 1000);
  if (second === stampedSecond) return stamp;
  const date = new Date(epoch);
  const two = (value: number) => String(value).padStart(2, '0');
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${two(date.getDate())}/${months[date.getMonth()]}/${date.getFullYear()}`;
  stampedSecond = second;
  stamp = `[${day}:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}]`;
  return stamp;
}
