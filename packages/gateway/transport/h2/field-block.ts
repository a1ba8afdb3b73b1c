import { blank, lowerCase, tab, tokenCharacter, valueCharacter } from '../characters.ts';
import { hex } from '../fields.ts';

/** Names and values in turn, as node:http2 gives a field block: in order, latin1, pseudo-fields first. */
export type RawFields = readonly string[];

/** Fields that speak of one connection in HTTP/1.1, and have no place in HTTP/2 (RFC 9113 section 8.2.2). */
const connectionSpecific = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** What is not sent in HTTP/2: besides those, one that only speaks of another version, and `te`, which says something about the sender itself. */
const unsent = new Set([...connectionSpecific, 'http2-settings', 'te']);

/** A field block taken apart: pseudo-fields by name, the others as lines of HTTP/1.1. */
export interface FieldBlock {
  readonly pseudo: ReadonlyMap<string, string>;
  /** `name: value\r\n` for each field; no line can hold another. Cookies are one line (RFC 9113 section 8.2.3). */
  readonly lines: string;
}

/** Reads a block by RFC 9113 sections 8.2 and 8.3, without any leniency; `allowed` are the pseudo-fields that may stand in it. A string says what was wrong. */
export function readFieldBlock(raw: RawFields, allowed: ReadonlySet<string>): FieldBlock | string {
  const pseudo = new Map<string, string>();
  let lines = '';
  let cookies = '';
  let regular = false;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    const wrong = findFault(name, value);
    if (wrong !== undefined) return wrong;
    if (name.charCodeAt(0) === colonCode) {
      if (regular) return 'a pseudo-field stands behind other fields';
      if (!allowed.has(name)) return 'a pseudo-field is unknown here';
      if (pseudo.has(name)) return `there is more than one ${name}`;
      pseudo.set(name, value);
      continue;
    }
    regular = true;
    if (connectionSpecific.has(name)) return `${name} has no place in HTTP/2`;
    if (name === 'te' && value.toLowerCase() !== 'trailers') return 'te may only say trailers in HTTP/2';
    if (name === 'cookie') cookies = cookies === '' ? value : `${cookies}; ${value}`;
    else lines += `${name}: ${value}\r\n`;
  }
  return { pseudo, lines: cookies === '' ? lines : `${lines}cookie: ${cookies}\r\n` };
}

const colonCode = 0x3a;

/** What makes the field malformed (RFC 9113 section 8.2.1): a value with a line end would be two lines to whoever speaks HTTP/1.1. */
function findFault(name: string, value: string): string | undefined {
  const start = name.charCodeAt(0) === colonCode ? 1 : 0;
  if (name.length === start) return 'a header line has no name';
  for (let index = start; index < name.length; index++) {
    const code = name.charCodeAt(index);
    if (tokenCharacter[code] !== 1) return `a header name holds the byte ${hex(code)}`;
    if (lowerCase[code] !== code) return 'a header name is not in lower case';
  }
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (valueCharacter[code] !== 1) return `a header value holds the control byte ${hex(code)}`;
  }
  return isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1))
    ? 'a header value begins or ends with a blank'
    : undefined;
}

function isBlank(code: number): boolean {
  return code === blank || code === tab;
}

/** Appends whole lines of HTTP/1.1 to `into`, names in lower case. What speaks of one connection is left out: HTTP/2 knows no such field. */
export function appendLines(into: string[], lines: string): void {
  let start = 0;
  for (let end = lines.indexOf('\r\n'); end >= 0; end = lines.indexOf('\r\n', start)) {
    const mark = lines.indexOf(':', start);
    if (mark > start && mark < end) {
      const name = lines.slice(start, mark).toLowerCase();
      if (!unsent.has(name)) into.push(name, lines.slice(mark + 1, end).trim());
    }
    start = end + 2;
  }
}

/** Trailer lines in the form that node:http2 sends: names in lower case, each with its values in order. */
export function trailersOf(lines: string): Record<string, string[]> {
  const raw: string[] = [];
  appendLines(raw, lines);
  const trailers: Record<string, string[]> = Object.create(null);
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    const values = trailers[name];
    if (values === undefined) trailers[name] = [raw[index + 1] as string];
    else values.push(raw[index + 1] as string);
  }
  return trailers;
}
