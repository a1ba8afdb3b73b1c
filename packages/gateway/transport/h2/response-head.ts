import type { Limits } from '../options.ts';
import { reasonOf } from '../reason.ts';
import { type ParsedResponse, parseResponse } from '../response-head.ts';
import { type RawFields, readFieldBlock } from './field-block.ts';

const pseudoFields = new Set([':status']);

/**
 * Reads the head of an answer on a stream by RFC 9113 section 8.3.2, as `readStreamRequest` reads requests. `ended` says that no body follows,
 * `toHead` that it answers a HEAD request. A string says what was wrong.
 */
export function readStreamResponse(
  raw: RawFields,
  ended: boolean,
  limits: Limits,
  toHead: boolean,
): ParsedResponse | string {
  const block = readFieldBlock(raw, pseudoFields);
  if (typeof block === 'string') return block;
  const status = block.pseudo.get(':status');
  if (status === undefined || !/^[1-9]\d\d$/.test(status)) return ':status is not three digits';
  const framed = /^content-length: /m.test(block.lines);
  const bodiless = toHead || status < '200' || status === '204' || status === '304';
  const framing = bodiless || framed ? '' : ended ? 'content-length: 0\r\n' : 'transfer-encoding: chunked\r\n';
  const head = `HTTP/1.1 ${status} ${reasonOf(Number(status))}\r\n${block.lines}${framing}\r\n`;
  if (head.length > limits.headBytes) return `the head of the answer is larger than ${limits.headBytes} bytes`;
  const bytes = Buffer.from(head, 'latin1');
  return parseResponse(bytes, 0, bytes.length, limits.headerCount, toHead);
}
