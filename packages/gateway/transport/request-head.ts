import type { RequestHead } from './call.ts';
import {
  blank,
  carriageReturn,
  colon,
  hostCharacter,
  latin1,
  lineFeed,
  lowerCase,
  targetCharacter,
  tokenCharacter,
} from './characters.ts';
import { type Fields, hex, Kind, scanFields, tooManyFields } from './fields.ts';
import type { Limits } from './options.ts';
import {
  badRequest,
  bodyTooLarge,
  headersTooLarge,
  methodNotImplemented,
  type Refusal,
  targetTooLong,
  unknownCoding,
  versionNotSupported,
} from './refusal.ts';
import { namesWebSocket, readHandshake } from './websocket.ts';

/** Length of a body that is framed by chunks. */
export const chunked = -1;

/** A request head that was read, with the one framing it can mean. */
export class ParsedRequest implements RequestHead {
  readonly method: string;
  readonly target: string;
  readonly majorVersion: 1 | 2;
  readonly minorVersion: 0 | 1;
  readonly host: string;
  readonly fields: Fields;
  /** Length of the body, or `chunked`. */
  readonly bodyLength: number;
  /** The client wants the connection to stay. */
  readonly keepAlive: boolean;
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** Lower-case names that `Connection` gives: fields for this connection alone. Mostly none. */
  readonly connectionOptions: readonly string[];
  readonly webSocketKey: string | null;

  constructor(
    line: RequestLine,
    host: string,
    fields: Fields,
    bodyLength: number,
    connectionOptions: readonly string[],
    expectsContinue: boolean,
    webSocketKey: string | null,
  ) {
    this.method = line.method;
    this.target = line.target;
    this.majorVersion = line.majorVersion;
    this.minorVersion = line.minorVersion;
    this.host = host;
    this.fields = fields;
    this.bodyLength = bodyLength;
    this.connectionOptions = connectionOptions;
    this.keepAlive =
      !connectionOptions.includes('close') && (line.minorVersion === 1 || connectionOptions.includes('keep-alive'));
    this.expectsContinue = expectsContinue;
    this.webSocketKey = webSocketKey;
  }

  get path(): string {
    const mark = this.target.indexOf('?');
    return mark < 0 ? this.target : this.target.slice(0, mark);
  }

  get query(): string {
    const mark = this.target.indexOf('?');
    return mark < 0 ? '' : this.target.slice(mark);
  }

  header(name: string): string | undefined {
    return this.fields.get(name);
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    this.fields.each(visit);
  }
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly majorVersion: 1 | 2;
  readonly minorVersion: 0 | 1;
  /** Authority of an absolute-form target; null for the other forms. */
  readonly authority: string | null;
  /** Where the fields begin. */
  readonly end: number;
}

/**
 * Reads the head in `bytes` from `start` to `end` (after its empty line): RFC 9112 sections 3, 5 and 6, without any leniency.
 * `majorVersion` 2 says that it came as a field block of HTTP/2, and was only written in this form.
 */
export function parseRequest(
  bytes: Buffer,
  start: number,
  end: number,
  limits: Limits,
  majorVersion: 1 | 2 = 1,
): ParsedRequest | Refusal {
  const text = latin1(bytes, start, end);
  const line = readRequestLine(bytes, start, text, limits, majorVersion);
  if ('status' in line) return line;
  const fields = scanFields(bytes, start, line.end, end, limits.headerCount, text);
  if (typeof fields === 'string') {
    return fields === tooManyFields
      ? headersTooLarge(`the head has more than ${limits.headerCount} header lines`)
      : badRequest(fields);
  }
  return readFraming(line, fields, limits);
}

function readRequestLine(
  bytes: Buffer,
  start: number,
  text: string,
  limits: Limits,
  majorVersion: 1 | 2,
): RequestLine | Refusal {
  let at = start;
  while (tokenCharacter[bytes[at] as number] === 1) at++;
  if (at === start || bytes[at] !== blank)
    return badRequest('the request line does not begin with a method and a blank');
  const method = text.substring(0, at - start);
  const targetStart = ++at;
  while (targetCharacter[bytes[at] as number] === 1) at++;
  if (at - targetStart > limits.targetBytes) return targetTooLong(limits.targetBytes);
  if (at === targetStart || bytes[at] !== blank) {
    return badRequest(`the request target is empty or holds the byte ${hex(bytes[at] as number)}`);
  }
  const target = text.substring(targetStart - start, at - start);
  at++;
  // "HTTP/1.1" CRLF is ten bytes.
  if (!namesHttp1(bytes, at) || bytes[at + 8] !== carriageReturn || bytes[at + 9] !== lineFeed) {
    return /^HTTP\/\d\.\d\r\n/.test(bytes.toString('latin1', at, at + 10))
      ? versionNotSupported()
      : badRequest('the request line does not end with an HTTP version and CRLF');
  }
  const minor = (bytes[at + 7] as number) - 0x30;
  if (minor !== 0 && minor !== 1)
    return minor > 1 && minor < 10 ? versionNotSupported() : badRequest('the HTTP version is malformed');
  if (method === 'CONNECT') return methodNotImplemented();
  const end = at + 10;
  if (target.charCodeAt(0) === 0x2f || (target === '*' && method === 'OPTIONS')) {
    return { method, target, majorVersion, minorVersion: minor, authority: null, end };
  }
  // Absolute-form is reduced to origin-form (RFC 9112 section 3.2.2).
  const absolute = /^https?:\/\/([^/?]+)/i.exec(target);
  if (!absolute) return badRequest('the request target is neither a path nor an http URL');
  const [origin, authority = ''] = absolute;
  const rest = target.slice(origin.length);
  return {
    method,
    target: rest.startsWith('/') ? rest : `/${rest}`,
    majorVersion,
    minorVersion: minor,
    authority,
    end,
  };
}

/** Whether `HTTP/1.` stands at `at`. */
export function namesHttp1(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 5] === 0x31 &&
    bytes[at + 6] === 0x2e
  );
}

function readFraming(line: RequestLine, fields: Fields, limits: Limits): ParsedRequest | Refusal {
  let host: string | null = null;
  let length = -2;
  let coded = false;
  let expectsContinue = false;
  let connection = noOptions;
  let upgrade = '';
  for (let index = 0; index < fields.count; index++) {
    switch (fields.kind(index)) {
      case Kind.host:
        if (host !== null) return badRequest('there is more than one Host header');
        host = fields.value(index);
        if (!isHost(host)) return badRequest('the Host header is not a host name or address with an optional port');
        break;
      case Kind.contentLength:
        if (length !== -2) return badRequest('there is more than one Content-Length header');
        length = readLength(fields.value(index));
        if (length < 0) return badRequest('Content-Length is not a plain number');
        break;
      case Kind.transferEncoding: {
        if (coded) return badRequest('there is more than one Transfer-Encoding header');
        const coding = fields.value(index).toLowerCase();
        if (coding !== 'chunked') return refuseCoding(coding);
        coded = true;
        break;
      }
      case Kind.connection:
        connection = addOptions(connection, fields.value(index));
        break;
      case Kind.expect:
        if (fields.value(index).toLowerCase() !== '100-continue')
          return { status: 417, cause: 'expectation-failed', detail: 'only 100-continue can be expected' };
        expectsContinue = line.minorVersion === 1;
        break;
      case Kind.upgrade:
        upgrade += `,${fields.value(index)}`;
        break;
    }
  }
  if (coded && length !== -2) return badRequest('there are both Content-Length and Transfer-Encoding');
  if (coded && line.minorVersion === 0) return badRequest('HTTP/1.0 knows no Transfer-Encoding');
  if (host === null && line.minorVersion === 1) return badRequest('the Host header is missing');
  if (line.authority !== null && host !== null && !sameHost(host, line.authority)) {
    return badRequest('the Host header differs from the authority of the request target');
  }
  if (line.authority !== null && !isHost(line.authority))
    return badRequest('the authority of the request target is malformed');
  if (limits.bodyBytes > 0 && length > limits.bodyBytes) return bodyTooLarge(limits.bodyBytes);
  const bodyLength = coded ? chunked : Math.max(length, 0);
  const key = upgrade === '' ? null : webSocketKeyOf(line, fields, connection, upgrade, bodyLength);
  if (key !== null && typeof key !== 'string') return key;
  return new ParsedRequest(
    line,
    host ?? line.authority ?? '',
    fields,
    bodyLength,
    connection,
    expectsContinue && bodyLength !== 0,
    key,
  );
}

/** Null when the client asks for no WebSocket, or nobody could give it one: what `Upgrade` says is passed over then (RFC 9110 section 7.8). */
function webSocketKeyOf(
  line: RequestLine,
  fields: Fields,
  connection: readonly string[],
  upgrade: string,
  bodyLength: number,
): string | null | Refusal {
  const may = line.method === 'GET' && line.minorVersion === 1 && line.majorVersion === 1;
  if (!may || !connection.includes('upgrade') || !namesWebSocket(upgrade)) return null;
  return readHandshake(fields, bodyLength);
}

/** RFC 9112 sections 6.1 and 6.3: codings that nobody here knows are 501; without chunks at the end, and only there, nobody knows where the body ends. */
function refuseCoding(value: string): Refusal {
  if (!/^[a-z0-9_.+-]+([ \t]*,[ \t]*[a-z0-9_.+-]+)*$/.test(value)) return badRequest('Transfer-Encoding is malformed');
  const codings = value.split(/[ \t]*,[ \t]*/);
  return codings.indexOf('chunked') === codings.length - 1
    ? unknownCoding()
    : badRequest('Transfer-Encoding does not end with chunked, or names it twice');
}

/** Of a head without a Connection field. */
export const noOptions: readonly string[] = [];

/** What a head's Connection fields have named so far, and what this one does. */
export function addOptions(options: readonly string[], value: string): readonly string[] {
  const more = readOptions(value);
  return options === noOptions ? more : options.concat(more);
}

/** Options of a Connection field, lower-case. */
function readOptions(value: string): readonly string[] {
  if (value === 'keep-alive' || value === 'Keep-Alive') return keepAliveOption;
  if (value === 'close') return closeOption;
  return value
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

const keepAliveOption: readonly string[] = ['keep-alive'];
const closeOption: readonly string[] = ['close'];

/** `1*DIGIT` of at most 15 digits, which a number holds exactly; -1 for anything else. */
export function readLength(value: string): number {
  if (value.length === 0 || value.length > 15) return -1;
  let length = 0;
  for (let index = 0; index < value.length; index++) {
    const digit = value.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}

const openingBracket = 0x5b;
const closingBracket = 0x5d;

/** `host [":" port]` (RFC 9110 section 7.2): a name or IPv4 address, or an IPv6 address in brackets; the port is digits, or none. */
function isHost(host: string): boolean {
  let bracket = -1;
  let mark = -1;
  for (let index = 0; index < host.length; index++) {
    const code = host.charCodeAt(index);
    if (hostCharacter[code] !== 1) return false;
    if (code === closingBracket) {
      bracket = index;
      mark = -1;
    } else if (code === colon && mark < 0) mark = index;
  }
  if (bracket >= 0 !== (host.charCodeAt(0) === openingBracket)) return false;
  const end = mark < 0 ? host.length : mark;
  if (bracket >= 0 && bracket + 1 !== end) return false;
  for (let index = end + 1; index < host.length; index++) {
    const digit = host.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return false;
  }
  return true;
}

function sameHost(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    if (lowerCase[one.charCodeAt(index)] !== lowerCase[other.charCodeAt(index)]) return false;
  }
  return true;
}
