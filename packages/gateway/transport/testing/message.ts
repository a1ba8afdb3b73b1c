import assert from 'node:assert/strict';
import type { Wire } from './wire.ts';

export type Line = readonly [name: string, value: string];

/** One message as it came over the wire. The reader accepts only what RFC 9112 lets a sender produce. */
export interface Message {
  /** Request line or status line. */
  readonly start: string;
  /** Of an answer; 0 of a request. */
  readonly status: number;
  /** Header lines in order, names as sent, values trimmed. */
  readonly lines: readonly Line[];
  /** The head as sent, without the empty line. */
  readonly head: string;
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  readonly body: Buffer;
  readonly trailers: readonly Line[];
}

/** Value of the only line with this name (any case), undefined without one. */
export function value(message: Pick<Message, 'lines'>, name: string): string | undefined {
  const found = message.lines.filter(([other]) => other.toLowerCase() === name.toLowerCase());
  assert.ok(found.length < 2, `${name} stands ${found.length} times`);
  return found[0]?.[1];
}

/** A request or answer head; the body is still to be read. */
export async function readHead(wire: Wire): Promise<Pick<Message, 'start' | 'status' | 'lines' | 'head'>> {
  const text = await wire.through('\r\n\r\n');
  const head = text.slice(0, -4);
  const [start = '', ...lines] = head.split('\r\n');
  const answer = /^HTTP\/1\.[01] (\d{3}) [^\0\r\n]*$/.exec(start);
  assert.ok(
    answer ?? /^[\w!#$%&'*+.^`|~-]+ [!-~]+ HTTP\/1\.[01]$/.test(start),
    `not a start line: ${JSON.stringify(start)}`,
  );
  return { start, status: Number(answer?.[1] ?? 0), lines: parseLines(lines), head };
}

/** One request with its body. */
export async function readRequest(wire: Wire): Promise<Message> {
  const head = await readHead(wire);
  return { ...head, ...(await readBody(wire, head, 'none')) };
}

/** One answer (which may be an interim one) to a request with this method. */
export async function readAnswer(wire: Wire, method = 'GET'): Promise<Message> {
  const head = await readHead(wire);
  const bare = method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304;
  const body = bare ? nothing : await readBody(wire, head, 'close');
  return { ...head, ...body };
}

const nothing = { framing: 'none', body: Buffer.alloc(0), trailers: [] } as const;

type Body = Pick<Message, 'framing' | 'body' | 'trailers'>;

async function readBody(wire: Wire, head: Pick<Message, 'lines'>, otherwise: 'none' | 'close'): Promise<Body> {
  const [length, coding] = [value(head, 'content-length'), value(head, 'transfer-encoding')];
  assert.ok(length === undefined || coding === undefined, 'both Content-Length and Transfer-Encoding');
  if (coding !== undefined) {
    assert.equal(coding, 'chunked');
    return readChunked(wire);
  }
  if (length !== undefined) {
    assert.match(length, /^\d{1,15}$/);
    return { ...nothing, framing: 'length', body: await wire.take(Number(length)) };
  }
  if (otherwise === 'none') return nothing;
  assert.equal(await wire.stopped(), 'end', 'a body that ends with the connection must end with a FIN');
  return { ...nothing, framing: 'close', body: Buffer.from(await wire.rest(), 'latin1') };
}

async function readChunked(wire: Wire): Promise<Body> {
  const parts: Buffer[] = [];
  for (;;) {
    const line = await wire.through('\r\n');
    assert.match(line, /^[0-9a-fA-F]{1,15}(;[^\0\r\n]*)?\r\n$/, 'a chunk size line');
    const size = Number.parseInt(line, 16);
    if (size === 0) break;
    parts.push(await wire.take(size));
    assert.equal((await wire.take(2)).toString('latin1'), '\r\n', 'the end of a chunk');
  }
  const trailers: string[] = [];
  for (let line = await wire.through('\r\n'); line !== '\r\n'; line = await wire.through('\r\n')) {
    trailers.push(line.slice(0, -2));
  }
  return { framing: 'chunked', body: Buffer.concat(parts), trailers: parseLines(trailers) };
}

function parseLines(lines: readonly string[]): Line[] {
  return lines.map((line) => {
    const [, name = '', text = ''] = /^([\w!#$%&'*+.^`|~-]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    assert.ok(name, `not a header line: ${JSON.stringify(line)}`);
    return [name, text.replace(/^[ \t]+|[ \t]+$/g, '')];
  });
}
