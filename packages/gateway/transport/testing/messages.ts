import fc from 'fast-check';
import type { Line } from './message.ts';

/** A message that RFC 9112 allows: its bytes, and what a reader must make of them. */
export interface Sample {
  readonly bytes: string;
  readonly start: string;
  readonly lines: readonly Line[];
  readonly body: string;
  readonly trailers: readonly Line[];
}

const letters = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join('');

const token = letters("!#$%&'*+-.^_`|~09AZaz", 1, 8);
const visible = range(0x21, 0x7e) + range(0x80, 0xff);
const content = fc
  .tuple(letters(visible, 0, 6), letters(`${visible} \t`, 0, 12), letters(visible, 0, 6))
  .map((parts) => parts.join('').replace(/^[ \t]+|[ \t]+$/g, ''));
// A prefix keeps random names away from those that mean something.
const line = fc.tuple(
  token.map((name) => `X-${name}`),
  content,
);
const blanks = fc.constantFrom('', ' ', '\t', ' \t ');
const data = letters(`${range(0, 255)}\r\n\r\n0;`, 0, 60);

const chunk = fc.tuple(
  data.filter((text) => text !== ''),
  fc.constantFrom('', '0', '000'),
  fc.boolean(),
  fc.constantFrom('', ';a', ';a=b;c="d;\\""'),
);

interface Body {
  readonly lines: readonly Line[];
  readonly bytes: string;
  readonly body: string;
  readonly trailers: readonly Line[];
}

const none: Body = { lines: [], bytes: '', body: '', trailers: [] };

const sized: fc.Arbitrary<Body> = data.map((body) => ({
  lines: [['Content-Length', String(body.length)]],
  bytes: body,
  body,
  trailers: [],
}));

const chunked: fc.Arbitrary<Body> = fc
  .tuple(fc.array(chunk, { maxLength: 4 }), fc.array(line, { maxLength: 2 }))
  .map(([chunks, trailers]) => ({
    lines: [['Transfer-Encoding', 'chunked']],
    bytes: `${chunks.map(writeChunk).join('')}0\r\n${trailers.map(([name, text]) => `${name}: ${text}\r\n`).join('')}\r\n`,
    body: chunks.map(([text]) => text).join(''),
    trailers,
  }));

function writeChunk([text, zeros, upper, extension]: readonly [string, string, boolean, string]): string {
  const size = zeros + text.length.toString(16);
  return `${upper ? size.toUpperCase() : size}${extension}\r\n${text}\r\n`;
}

function message(start: fc.Arbitrary<string>, own: readonly Line[], body: fc.Arbitrary<Body>): fc.Arbitrary<Sample> {
  return fc
    .tuple(start, fc.array(line, { maxLength: 5 }), body, fc.array(blanks, { minLength: 8, maxLength: 8 }), fc.nat(9))
    .map(([first, some, framed, spaces, at]) => {
      const lines = [...own, ...some];
      lines.splice(at % (lines.length + 1), 0, ...framed.lines);
      const text = lines.map(
        ([name, value], index) => `${name}:${spaces[index % 8]}${value}${spaces[(index + 3) % 8]}\r\n`,
      );
      return { ...framed, start: first, lines, bytes: `${first}\r\n${text.join('')}\r\n${framed.bytes}` };
    });
}

/** Requests that expect an answer with a body. */
export const anyRequest = message(
  fc
    .tuple(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
      letters(range(0x21, 0x7e).replace('#', ''), 0, 20),
    )
    .map(([method, target]) => `${method} /${target} HTTP/1.1`),
  [['Host', 'a.example']],
  fc.oneof(fc.constant(none), sized, chunked),
);

/** Final answers that leave the connection open. */
export const anyAnswer = message(
  fc
    .tuple(fc.constantFrom(200, 201, 404, 503, 299), letters(`${visible} `, 0, 10))
    .map(([status, reason]) => `HTTP/1.1 ${status} ${reason}`),
  [],
  fc.oneof(sized, chunked),
);

/** `text` in pieces that begin at these places (any numbers). */
export function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % text.length))].filter(Boolean).sort((one, other) => one - other);
  return [0, ...at].map((from, index) => text.slice(from, at[index]));
}
