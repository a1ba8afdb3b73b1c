import type { RequestHead } from '../transport/call.ts';
import type { Condition, ConditionSource } from './options.ts';

/** What of a request conditions look at. */
export type ConditionHead = Pick<RequestHead, 'target' | 'path' | 'query' | 'header'>;
/** Whether a request is like that. */
export type Test = (head: ConditionHead) => boolean;
type Retrieve = (head: ConditionHead) => string | undefined;

/** Characters that are held against a regular expression; longer texts do not match, so that a client cannot make one costly. */
const longestMatched = 1024;

/** Makes a function of a condition, once. Throws a `SyntaxError` for a regular expression that is none. */
export function compileCondition(condition: Condition): Test {
  switch (condition.kind) {
    case 'and': {
      const tests = condition.of.map(compileCondition);
      return (head) => tests.every((test) => test(head));
    }
    case 'or': {
      const tests = condition.of.map(compileCondition);
      return (head) => tests.some((test) => test(head));
    }
    case 'not': {
      const test = compileCondition(condition.of);
      return (head) => !test(head);
    }
    case 'equal': {
      const retrieve = compileSource(condition.source);
      const value = condition.value.toLowerCase();
      return (head) => retrieve(head)?.toLowerCase() === value;
    }
    case 'match': {
      const retrieve = compileSource(condition.source);
      const pattern = wholePattern(condition.pattern);
      return (head) => {
        const text = retrieve(head);
        return text !== undefined && text.length <= longestMatched && pattern.test(text);
      };
    }
  }
}

/** The expression as one that must fit a whole text, as Java's `matches` has it. */
export function wholePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 's');
}

function compileSource(source: ConditionSource): Retrieve {
  if (source.from === 'header') {
    const name = source.name.toLowerCase();
    return (head) => head.header(name);
  }
  if (source.from === 'param') return (head) => parameter(head.query, source.name);
  if (source.part === 'path') return (head) => head.path;
  if (source.part === 'query') return (head) => (head.query === '' ? undefined : head.query.slice(1));
  return (head) => head.target;
}

/** Value of the first parameter of that name, empty when it has none; `query` begins with its question mark. */
function parameter(query: string, name: string): string | undefined {
  let from = 1;
  while (from < query.length) {
    const next = query.indexOf('&', from);
    const end = next === -1 ? query.length : next;
    const equals = query.indexOf('=', from);
    const nameEnd = equals === -1 || equals > end ? end : equals;
    if (decoded(query.slice(from, nameEnd)) === name) return decoded(query.slice(Math.min(nameEnd + 1, end), end));
    from = end + 1;
  }
  return undefined;
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
