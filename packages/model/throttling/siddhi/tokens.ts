import { SiddhiError } from './siddhi-error.ts';

/** A word, a text in quotes, a number, or a sign, and where it began. */
export interface Token {
  readonly kind: 'word' | 'text' | 'number' | 'sign' | 'end';
  /** As written; what stands between the quotes of a text. */
  readonly value: string;
  readonly at: Place;
}

/** Both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Characters of the longest query that is read. Those of WSO2's samples have 400. */
export const maxQueryLength = 16_384;

const skipped = /(?:\s+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/)+/y;
const patterns: readonly { readonly kind: Token['kind']; readonly form: RegExp }[] = [
  { kind: 'word', form: /[A-Za-z_][A-Za-z0-9_]*/y },
  { kind: 'number', form: /\d{1,18}(?:\.\d{1,18})?[lLfFdD]?(?![A-Za-z0-9_])/y },
  { kind: 'sign', form: /==|!=|<=|>=|[-<>()[\],;#:.*+@=]/y },
];
const quotes = ['"""', "'", '"'];

/** Cuts a query into tokens; the last one is the end. Throws `SiddhiError`. */
export function tokensOf(query: string): Token[] {
  if (query.length > maxQueryLength) {
    throw new SiddhiError(`it is longer than ${maxQueryLength} characters`, { line: 1, column: 1 });
  }
  const tokens: Token[] = [];
  const places = placesIn(query);
  let offset = 0;
  for (;;) {
    offset = after(skipped, query, offset) ?? offset;
    const at = places(offset);
    if (offset >= query.length) {
      tokens.push({ kind: 'end', value: '', at });
      return tokens;
    }
    const { token, next } = quoted(query, offset, at) ?? plain(query, offset, at);
    tokens.push(token);
    offset = next;
  }
}

function quoted(query: string, offset: number, at: Place): { token: Token; next: number } | undefined {
  const quote = quotes.find((one) => query.startsWith(one, offset));
  if (quote === undefined) return undefined;
  const begin = offset + quote.length;
  const end = query.indexOf(quote, begin);
  if (end === -1) throw new SiddhiError('a text is not closed', at);
  return { token: { kind: 'text', value: query.slice(begin, end), at }, next: end + quote.length };
}

function plain(query: string, offset: number, at: Place): { token: Token; next: number } {
  for (const { kind, form } of patterns) {
    const next = after(form, query, offset);
    if (next !== undefined) return { token: { kind, value: query.slice(offset, next), at }, next };
  }
  if (query.startsWith('/*', offset)) throw new SiddhiError('a comment is not closed', at);
  throw new SiddhiError(`"${query.charAt(offset)}" has no meaning here`, at);
}

/** Offset behind what `form` finds right at `offset`; undefined when it finds nothing there. */
function after(form: RegExp, query: string, offset: number): number | undefined {
  form.lastIndex = offset;
  return form.test(query) ? form.lastIndex : undefined;
}

/** Line and column of offsets that never go back. */
function placesIn(query: string): (offset: number) => Place {
  let line = 1;
  let lineStart = 0;
  let seen = 0;
  return (offset) => {
    for (; seen < offset; seen++) {
      if (query.charCodeAt(seen) !== 10) continue;
      line++;
      lineStart = seen + 1;
    }
    return { line, column: offset - lineStart + 1 };
  };
}
