import type { Limits } from '../options.ts';
import { badRequest, headersTooLarge, methodNotImplemented, type Refusal, targetTooLong } from '../refusal.ts';
import { type ParsedRequest, parseRequest } from '../request-head.ts';
import { type RawFields, readFieldBlock } from './field-block.ts';

const pseudoFields = new Set([':method', ':scheme', ':authority', ':path']);

/**
 * Reads the head of a request on a stream by RFC 9113 section 8.3.1. It is written as the same head in HTTP/1.1 and read like one, so that both
 * versions mean the same, have the same limits, and are refused in the same words. `ended` says that no body follows.
 */
export function readStreamRequest(raw: RawFields, ended: boolean, limits: Limits): ParsedRequest | Refusal {
  const block = readFieldBlock(raw, pseudoFields);
  if (typeof block === 'string') return badRequest(block);
  const method = block.pseudo.get(':method');
  const scheme = block.pseudo.get(':scheme');
  const path = block.pseudo.get(':path');
  if (method === 'CONNECT') return methodNotImplemented();
  if (method === undefined || scheme === undefined || path === undefined)
    return badRequest('one of :method, :scheme and :path is missing');
  if (scheme !== 'https' && scheme !== 'http') return badRequest('the scheme is neither https nor http');
  if (path.charCodeAt(0) !== slash && path !== '*') return badRequest('the path does not begin with a slash');
  if (path.length > limits.targetBytes) return targetTooLong(limits.targetBytes);
  const host = hostLine(block.pseudo.get(':authority'), block.lines);
  if (host === null) return badRequest('the Host header differs from :authority');
  const length = /^content-length: /m.test(block.lines);
  const coding = ended || length ? '' : 'transfer-encoding: chunked\r\n';
  const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\n${host}${block.lines}${coding}\r\n`, 'latin1');
  if (bytes.length > limits.headBytes) return headersTooLarge(`the head is larger than ${limits.headBytes} bytes`);
  return parseRequest(bytes, 0, bytes.length, limits, 2);
}

const slash = 0x2f;

/** `:authority` as the Host field, empty when that is given already, null when it says something else. */
function hostLine(authority: string | undefined, lines: string): string | null {
  const given = /^host: (.*)\r$/m.exec(lines);
  if (given === null) return authority === undefined ? '' : `host: ${authority}\r\n`;
  return authority === undefined || authority.toLowerCase() === given[1]?.toLowerCase() ? '' : null;
}
