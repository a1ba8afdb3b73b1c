import { Pattern } from '../../pattern/pattern.ts';
import { PatternError } from '../../pattern/pattern-error.ts';
import type { Expression } from './expression.ts';
import { readValue } from './read-value.ts';
import type { RuleCondition } from './rule.ts';
import { SiddhiError } from './siddhi-error.ts';

/** What an expression asks of a call. Throws `SiddhiError`. */
export function conditionOf(expression: Expression): RuleCondition {
  switch (expression.kind) {
    case 'literal':
      if (typeof expression.value === 'boolean') return { kind: 'constant', value: expression.value };
      break;
    case 'and':
    case 'or':
      return { kind: expression.kind, terms: expression.terms.map(conditionOf) };
    case 'not':
      return { kind: 'not', term: conditionOf(expression.term) };
    case 'null':
      return { kind: 'null', subject: readValue(expression.term) };
    case 'compare':
      return comparison(expression);
    case 'call':
      if (expression.name === 'regex:find' || expression.name === 'regex:matches') return found(expression);
      break;
  }
  throw new SiddhiError('a condition must stand here', expression.at);
}

function comparison({ operator, left, right }: Expression & { kind: 'compare' }): RuleCondition {
  // A condition may be compared with true or false.
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (one.kind !== 'literal' || typeof one.value !== 'boolean') continue;
    if (operator !== '==' && operator !== '!=') throw new SiddhiError('true and false have no order', one.at);
    const term = conditionOf(other);
    return (operator === '==') === one.value ? term : { kind: 'not', term };
  }
  return { kind: 'compare', operator, left: readValue(left), right: readValue(right) };
}

function found({ name, args, at }: Expression & { kind: 'call' }): RuleCondition {
  const [pattern, subject] = args;
  if (pattern?.kind !== 'literal' || typeof pattern.value !== 'string' || subject === undefined || args.length !== 2) {
    throw new SiddhiError(`${name} takes a pattern and a value`, at);
  }
  try {
    const whole = name === 'regex:matches';
    return { kind: 'find', pattern: new Pattern(pattern.value, { whole }), subject: readValue(subject) };
  } catch (error) {
    if (error instanceof PatternError) throw new SiddhiError(error.message, pattern.at);
    throw error;
  }
}
