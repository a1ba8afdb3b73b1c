import { findForbiddenTrailer } from '../chunks.ts';
import { scanFields } from '../fields.ts';
import { type RawFields, readFieldBlock } from './field-block.ts';

/** A trailer section (RFC 9113 section 8.1) as whole lines; the same bounds and the same forbidden names as in HTTP/1.1. */
export function readTrailers(raw: RawFields, bound: number): { readonly lines: string } | { readonly wrong: string } {
  const block = readFieldBlock(raw, noPseudoFields);
  if (typeof block === 'string') return { wrong: `in the trailers: ${block}` };
  if (block.lines.length > bound) return { wrong: `the trailers are longer than ${bound} bytes` };
  const fields = scanFields(Buffer.from(`${block.lines}\r\n`, 'latin1'), 0, 0, block.lines.length + 2, 100);
  if (typeof fields === 'string') return { wrong: `in the trailers: ${fields}` };
  const forbidden = findForbiddenTrailer(fields);
  return forbidden === undefined ? { lines: block.lines } : { wrong: `${forbidden} is not allowed as a trailer` };
}

const noPseudoFields: ReadonlySet<string> = new Set();
