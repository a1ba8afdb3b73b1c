import type { Expression } from './expression.ts';
import { readValue } from './read-value.ts';
import type { RuleCondition, RuleValue } from './rule.ts';
import { SiddhiError } from './siddhi-error.ts';

/** The parts of a throttle key: a value, or several in `str:concat`. Throws `SiddhiError`. */
export function keyOf(expression: Expression): RuleValue[] {
  return merged(partsOf(expression));
}

function partsOf(expression: Expression): RuleValue[] {
  if (expression.kind === 'call' && expression.name === 'str:concat') return expression.args.flatMap(partsOf);
  return [readValue(expression)];
}

/**
 * The template where it does not always give the same as the key; null where it does. An attribute that the condition holds to one value counts as
 * that value. Throws `SiddhiError` where they can never be the same: WSO2 takes such a rule, and it never limits anything.
 */
export function templateBeside(
  template: readonly RuleValue[],
  key: readonly RuleValue[],
  condition: RuleCondition,
): readonly RuleValue[] | null {
  const held = new Map<string, string>();
  noteHeld(condition, held);
  const one = merged(template.map((part) => replaced(part, held)));
  const other = merged(key.map((part) => replaced(part, held)));
  if (JSON.stringify(one) === JSON.stringify(other)) return null;
  const [inTemplate, inKey] = [variablesOf(one), variablesOf(other)];
  const strange = [...inKey].find((name) => !inTemplate.has(name));
  if (strange !== undefined) {
    throw new SiddhiError(`the throttle key has ${strange}, which the key template has not`, undefined);
  }
  if (inTemplate.size === 0) throw new SiddhiError('the throttle key is never that of the key template', undefined);
  return template;
}

/** Attributes that must have one value for the condition to hold. */
function noteHeld(condition: RuleCondition, held: Map<string, string>): void {
  if (condition.kind === 'and') for (const term of condition.terms) noteHeld(term, held);
  if (condition.kind !== 'compare' || condition.operator !== '==') return;
  const { left, right } = condition;
  const [variable, fixed] = left.kind === 'literal' ? [right, left] : [left, right];
  if (variable.kind !== 'literal' && fixed.kind === 'literal') held.set(nameOf(variable), String(fixed.value));
}

function replaced(part: RuleValue, held: ReadonlyMap<string, string>): RuleValue {
  const value = part.kind === 'literal' ? undefined : held.get(nameOf(part));
  return value === undefined ? part : { kind: 'literal', value };
}

function variablesOf(parts: readonly RuleValue[]): Set<string> {
  return new Set(parts.flatMap((part) => (part.kind === 'literal' ? [] : [nameOf(part)])));
}

/** The three names of the client's address are one. */
function nameOf(part: Exclude<RuleValue, { kind: 'literal' }>): string {
  if (part.kind === 'property') return `the property ${part.name}`;
  return part.name === 'ip' || part.name === 'ipv6' ? 'clientIp' : part.name;
}

/** Literals side by side become one text; empty ones go. */
function merged(parts: readonly RuleValue[]): RuleValue[] {
  const list: RuleValue[] = [];
  for (const part of parts) {
    const last = list.at(-1);
    if (part.kind === 'literal' && last?.kind === 'literal') {
      list[list.length - 1] = { kind: 'literal', value: `${last.value}${part.value}` };
    } else if (part.kind !== 'literal' || part.value !== '') {
      list.push(part.kind === 'literal' ? { kind: 'literal', value: String(part.value) } : part);
    }
  }
  return list;
}
