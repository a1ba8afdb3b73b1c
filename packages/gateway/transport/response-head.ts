import type { ResponseHead } from './call.ts';
import { blank, carriageReturn, latin1, lineFeed, valueCharacter } from './characters.ts';
import { type Fields, Kind, scanFields } from './fields.ts';
import { addOptions, namesHttp1, noOptions, readLength } from './request-head.ts';

/** How the end of an answer's body is known. */
export type ResponseFraming = 'none' | 'length' | 'chunked' | 'close';

/** An answer's head that was read, with the one framing it can mean. */
export class ParsedResponse implements ResponseHead {
  readonly status: number;
  readonly reason: string;
  readonly minorVersion: 0 | 1;
  readonly fields: Fields;
  readonly framing: ResponseFraming;
  /** Declared length; meaningful when `framing` is `length`. */
  readonly length: number;
  /** The backend takes another request on this connection. */
  readonly keepAlive: boolean;
  /** Lower-case names that `Connection` gives. */
  readonly connectionOptions: readonly string[];
  /** Seconds of the backend's `Keep-Alive: timeout`; -1 when it gives none. */
  readonly keepAliveSeconds: number;

  constructor(status: number, reason: string, minorVersion: 0 | 1, fields: Fields, facts: ResponseFacts) {
    this.status = status;
    this.reason = reason;
    this.minorVersion = minorVersion;
    this.fields = fields;
    this.framing = facts.framing;
    this.length = facts.length;
    this.connectionOptions = facts.options;
    this.keepAliveSeconds = facts.keepAliveSeconds;
    this.keepAlive =
      facts.framing !== 'close' &&
      !facts.options.includes('close') &&
      (minorVersion === 1 || facts.options.includes('keep-alive'));
  }

  header(name: string): string | undefined {
    return this.fields.get(name);
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    this.fields.each(visit);
  }
}

interface ResponseFacts {
  readonly framing: ResponseFraming;
  readonly length: number;
  readonly options: readonly string[];
  readonly keepAliveSeconds: number;
}

/** Reads the head in `bytes` from `start` to `end`; `toHead` says that it answers a HEAD request. A string says what was wrong. */
export function parseResponse(
  bytes: Buffer,
  start: number,
  end: number,
  maxFields: number,
  toHead: boolean,
): ParsedResponse | string {
  // "HTTP/1.1 200" is twelve bytes, then a blank and the reason, or nothing (which old servers leave out).
  if (!namesHttp1(bytes, start)) return 'the answer does not begin with HTTP/1.';
  const minor = (bytes[start + 7] as number) - 0x30;
  if (minor !== 0 && minor !== 1) return 'the answer has an unknown HTTP version';
  const status = readStatus(bytes, start + 9);
  if (bytes[start + 8] !== blank || status < 100) return 'the status code is not three digits';
  let at = start + 12;
  if (bytes[at] === blank) at++;
  const reasonStart = at;
  while (valueCharacter[bytes[at] as number] === 1) at++;
  if (bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed) return 'the status line does not end with CRLF';
  if (at > start + 12 && reasonStart === start + 12) return 'the status code is not three digits';
  const text = latin1(bytes, start, end);
  const fields = scanFields(bytes, start, at + 2, end, maxFields, text);
  if (typeof fields === 'string') return fields;
  const facts = readFacts(fields, status, minor, toHead);
  if (typeof facts === 'string') return facts;
  return new ParsedResponse(status, text.substring(reasonStart - start, at - start), minor, fields, facts);
}

/** Index after the first empty line from `from` on, -1 when there is none. Heads of answers are short: a search by Node takes longer to begin. */
export function endOfHead(bytes: Buffer, from: number): number {
  for (let at = from + 3; at < bytes.length; ) {
    const code = bytes[at];
    if (code === lineFeed) {
      if (bytes[at - 1] === carriageReturn && bytes[at - 2] === lineFeed && bytes[at - 3] === carriageReturn)
        return at + 1;
      at += 2;
    } else at += code === carriageReturn ? 1 : 4;
  }
  return -1;
}

/** Three digits; anything else is below 100. */
function readStatus(bytes: Buffer, at: number): number {
  let status = 0;
  for (let index = at; index < at + 3; index++) {
    const digit = (bytes[index] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    status = status * 10 + digit;
  }
  return status;
}

/** RFC 9112 section 6.3, refusing what the RFC lets a recipient repair. */
function readFacts(fields: Fields, status: number, minor: 0 | 1, toHead: boolean): ResponseFacts | string {
  let length = -1;
  let coded = false;
  let options = noOptions;
  let keepAliveSeconds = -1;
  for (let index = 0; index < fields.count; index++) {
    switch (fields.kind(index)) {
      case Kind.contentLength:
        if (length !== -1) return 'there is more than one Content-Length header';
        length = readLength(fields.value(index));
        if (length < 0) return 'Content-Length is not a plain number';
        break;
      case Kind.transferEncoding:
        if (coded) return 'there is more than one Transfer-Encoding header';
        if (fields.value(index).toLowerCase() !== 'chunked') return 'chunked is the only transfer coding that is taken';
        coded = true;
        break;
      case Kind.connection:
        options = addOptions(options, fields.value(index));
        break;
      case Kind.keepAlive: {
        const timeout = /(?:^|[,\s])timeout=(\d{1,9})/i.exec(fields.value(index));
        if (timeout) keepAliveSeconds = Number(timeout[1]);
        break;
      }
    }
  }
  if (coded && length !== -1) return 'there are both Content-Length and Transfer-Encoding';
  if (coded && minor === 0) return 'HTTP/1.0 knows no Transfer-Encoding';
  const framing = framingOf(status, toHead, coded, length);
  return { framing, length, options, keepAliveSeconds };
}

function framingOf(status: number, toHead: boolean, coded: boolean, length: number): ResponseFraming {
  if (toHead || status < 200 || status === 204 || status === 304) return 'none';
  if (coded) return 'chunked';
  return length >= 0 ? 'length' : 'close';
}
