import type { Exchange } from '../chain/exchange.ts';
import { hostName } from '../snapshot/routes.ts';
import type { CallOutcome, RequestHead } from '../transport/call.ts';
import type { Batch } from './batch.ts';
import { isSecretHeader, masked, maskQuery } from './mask.ts';

/** WSO2's default (wso2-gateway.md 8, `http_access_log.pattern`). */
export const defaultPattern = '%h %l %u %t %r %s %b %{Referer}i %{User-Agent}i %T';

type Field = (batch: Batch, exchange: Exchange, outcome: CallOutcome) => void;

/** A pattern ready to write records. */
export interface CompiledPattern {
  /** Response headers that the pattern shows, lower-case. */
  readonly responseHeaders: readonly string[];
  /** Writes one record, without its line end. */
  write(batch: Batch, exchange: Exchange, outcome: CallOutcome): void;
}

/** What each key writes; a text, where that is always the same. Single letters beyond Tomcat's are those of WSO2's pass-through access log; they show one header each. */
const fields: Readonly<Record<string, string | Field>> = {
  a: (batch, { call }) => batch.text(call.remoteAddress),
  A: '-',
  b: (batch, _, outcome) => batch.text(outcome.bytesOut === 0 ? '-' : String(outcome.bytesOut)),
  B: (batch, _, outcome) => batch.text(String(outcome.bytesOut)),
  D: (batch, _, outcome) => batch.text(String(Math.round(outcome.duration))),
  h: (batch, { call }) => batch.text(call.remoteAddress),
  H: (batch, { call }) => batch.text(protocol(call.head)),
  I: (batch, { call }) => batch.text(call.id),
  i: (batch, _, outcome) => batch.text(String(outcome.bytesIn)),
  l: '-',
  m: (batch, { call }) => batch.value(call.head.method),
  p: (batch, { call }) => batch.text(String(call.localPort)),
  q: (batch, { call }) => batch.value(maskQuery(call.head.query)),
  r: (batch, { call }) => {
    batch.value(call.head.method);
    batch.text(' ');
    batch.value(maskQuery(call.head.target));
    batch.text(' ');
    batch.text(protocol(call.head));
  },
  s: (batch, _, outcome) => batch.text(String(outcome.status)),
  t: (batch, { call }) => batch.text(timestamp(call.startedAt)),
  T: (batch, _, outcome) => batch.text(seconds(Math.round(outcome.duration))),
  u: (batch, { token }) => batch.text(token === null ? '-' : token.loggedAs),
  U: (batch, { call }) => batch.value(call.head.path),
  v: (batch, { call }) => batch.value(hostName(call.head.host) || '-'),
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

/** Compiles a pattern. Throws a RangeError that names the key it does not know, or what else cannot stand in a record. */
export function compilePattern(pattern: string): CompiledPattern {
  const odd = /[^\t\x20-\x7e]/.exec(pattern);
  if (odd !== null) {
    throw new RangeError(
      `the access log pattern holds ${JSON.stringify(odd[0])} at ${odd.index}; records are of printable ASCII and tabs`,
    );
  }
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
  const used = joined(parts);
  return {
    responseHeaders: [...responseHeaders],
    write(batch, exchange, outcome) {
      for (let i = 0; i < used.length; i++) {
        const part = used[i] as string | Field;
        if (typeof part === 'string') batch.text(part);
        else part(batch, exchange, outcome);
      }
    },
  };
}

/** With neighbours that are the same in every record as one. */
function joined(parts: readonly (string | Field)[]): (string | Field)[] {
  const all: (string | Field)[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part;
    else if (part !== '') all.push(part);
  }
  return all;
}

function protocol({ majorVersion, minorVersion }: RequestHead): string {
  return majorVersion === 2 ? 'HTTP/2.0' : minorVersion === 1 ? 'HTTP/1.1' : 'HTTP/1.0';
}

function requestHeader(name: string): Field {
  const secretEverywhere = isSecretHeader(name);
  return (batch, { call, api }) => {
    const value = call.head.header(name);
    const secret = secretEverywhere || api?.credentials.secretHeaders.has(name) === true;
    writeHeader(batch, value, secret);
  };
}

function responseHeader(name: string): Field {
  const secret = isSecretHeader(name);
  return (batch, { logged, ownHeaders }) => {
    const value = logged?.get(name) ?? (ownHeaders === null ? undefined : lineValue(ownHeaders, name));
    writeHeader(batch, value, secret);
  };
}

function writeHeader(batch: Batch, value: string | undefined, secret: boolean): void {
  if (value === undefined) batch.text('-');
  else if (secret) batch.text(masked);
  else batch.value(maskQuery(value));
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
