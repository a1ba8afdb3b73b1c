import { SiddhiError } from './siddhi-error.ts';
import type { TokenReader } from './token-reader.ts';
import type { Place } from './tokens.ts';

/** An expression as written, before anybody asks what it means. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly at: Place }
  | { readonly kind: 'name'; readonly name: string; readonly at: Place }
  /** `str:concat(…)`, `count()`; name in lower case, with its namespace. */
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly at: Place }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: Place;
    }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[]; readonly at: Place }
  | { readonly kind: 'not' | 'null'; readonly term: Expression; readonly at: Place };

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

const comparisons: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];

/** Deepest nesting of parentheses, calls and `not`. */
const maxDepth = 64;

/** Reads an expression: `or` binds least, then `and`, `not`, comparisons. Throws `SiddhiError`. */
export function readExpression(reader: TokenReader, depth = 0): Expression {
  return readChain(reader, 'or', () => readChain(reader, 'and', () => readNot(reader, depth)));
}

function readChain(reader: TokenReader, kind: 'and' | 'or', next: () => Expression): Expression {
  const { at } = reader.current;
  const first = next();
  if (!reader.isWord(kind)) return first;
  const terms = [first];
  while (reader.takeWord(kind)) terms.push(next());
  return { kind, terms, at };
}

function readNot(reader: TokenReader, depth: number): Expression {
  const { at } = reader.current;
  if (depth > maxDepth) throw new SiddhiError(`more than ${maxDepth} levels of nesting`, at);
  if (!reader.takeWord('not')) return readComparison(reader, depth);
  return { kind: 'not', term: readNot(reader, depth + 1), at };
}

function readComparison(reader: TokenReader, depth: number): Expression {
  const { at } = reader.current;
  const left = readOperand(reader, depth);
  if (reader.takeWord('is')) {
    reader.expectWord('null');
    return { kind: 'null', term: left, at };
  }
  const operator = reader.current;
  if (operator.kind !== 'sign' || !comparisons.includes(operator.value)) return left;
  reader.next();
  return { kind: 'compare', operator: operator.value as Comparison, left, right: readOperand(reader, depth), at };
}

function readOperand(reader: TokenReader, depth: number): Expression {
  const token = reader.current;
  const { at, value, kind } = token;
  if (reader.takeSign('(')) {
    const inner = readExpression(reader, depth + 1);
    reader.expectSign(')');
    return inner;
  }
  if (kind === 'text') {
    reader.next();
    return { kind: 'literal', value, at };
  }
  if (kind === 'number') {
    reader.next();
    return { kind: 'literal', value: Number(value.replace(/[lLfFdD]$/, '')), at };
  }
  if (kind !== 'word') throw reader.unexpected('an attribute, a text, a number or a function');
  reader.next();
  if (/^(true|false)$/i.test(value)) return { kind: 'literal', value: value.toLowerCase() === 'true', at };
  const name = reader.takeSign(':') ? `${value}:${reader.expectAnyWord()}` : value;
  if (!reader.takeSign('(')) {
    if (name !== value) throw reader.unexpected('the arguments of a function');
    return { kind: 'name', name, at };
  }
  return { kind: 'call', name: name.toLowerCase(), args: readArguments(reader, depth), at };
}

function readArguments(reader: TokenReader, depth: number): Expression[] {
  const args: Expression[] = [];
  if (reader.takeSign(')')) return args;
  do args.push(readExpression(reader, depth + 1));
  while (reader.takeSign(','));
  reader.expectSign(')');
  return args;
}
