import { readKeyTemplate } from '../key-template.ts';
import { readAmount } from './amount.ts';
import { conditionOf } from './condition.ts';
import { type Expression, readExpression } from './expression.ts';
import { keyOf, templateBeside } from './key.ts';
import type { RuleCondition, ThrottleRule } from './rule.ts';
import { readSelection, type Selection } from './selection.ts';
import { SiddhiError } from './siddhi-error.ts';
import { TokenReader } from './token-reader.ts';
import { readWindow } from './window.ts';

/**
 * Reads the query of a custom rule and its key template: the form of WSO2's samples and its usual variants. Throws `SiddhiError`, and nothing else, with
 * the reason and the place of everything that is not of that form.
 */
export function readSiddhiQuery(query: string, keyTemplate: string): ThrottleRule {
  const template = readKeyTemplate(keyTemplate);
  const reader = new TokenReader(query);
  reader.expectWord('from', 'RequestStream');
  const before = readFilter(reader);
  const selection = readSelection(reader);
  reader.expectWord('insert', 'into');
  const stream = reader.expectAnyWord();
  reader.expectSign(';');
  const eligible = conditionOf(selected(selection, 'isEligible'));
  const key = keyOf(selected(selection, 'throttleKey'));

  reader.expectWord('from', stream);
  const filter = readFilter(reader);
  if (filter !== undefined && !asksEligible(filter)) {
    throw new SiddhiError('the filter must be [isEligible == true]', filter.at);
  }
  reader.expectSign('#');
  const window = readWindow(reader);
  const second = readSelection(reader);
  const throttled = selected(second, 'isThrottled');
  expectName(selected(second, 'throttleKey'), 'throttleKey');
  reader.expectWord('group', 'by', 'throttleKey', 'insert');
  if (reader.takeWord('all') || reader.takeWord('current')) reader.expectWord('events');
  reader.expectWord('into', 'ResultStream');
  while (reader.takeSign(';'));
  if (reader.current.kind !== 'end') throw reader.unexpected('the end of the query');

  const terms: RuleCondition[] = [];
  if (before !== undefined) terms.push(conditionOf(before));
  if (filter !== undefined) terms.push(eligible);
  const condition: RuleCondition = terms.length === 1 ? (terms[0] as RuleCondition) : { kind: 'and', terms };
  return {
    condition,
    key,
    template: templateBeside(template, key, condition),
    limit: { ...readAmount(throttled, selection), window },
  };
}

function readFilter(reader: TokenReader): Expression | undefined {
  if (!reader.takeSign('[')) return undefined;
  const filter = readExpression(reader);
  reader.expectSign(']');
  return filter;
}

function selected(selection: Selection, name: string): Expression {
  const found = selection.named.get(name.toLowerCase());
  if (found === undefined) throw new SiddhiError(`nothing is selected as ${name}`, selection.at);
  return found;
}

function expectName(expression: Expression, name: string): void {
  if (expression.kind !== 'name' || expression.name.toLowerCase() !== name.toLowerCase()) {
    throw new SiddhiError(`${name} must be selected as it is`, expression.at);
  }
}

/** `isEligible`, `isEligible == true` or the other way round. */
function asksEligible(filter: Expression): boolean {
  if (filter.kind === 'name') return filter.name.toLowerCase() === 'iseligible';
  if (filter.kind !== 'compare' || filter.operator !== '==') return false;
  const { left, right } = filter;
  return left.kind === 'literal'
    ? left.value === true && asksEligible(right)
    : right.kind === 'literal' && right.value === true && asksEligible(left);
}
