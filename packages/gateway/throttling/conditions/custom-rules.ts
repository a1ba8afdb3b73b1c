import { type CustomRule, type RuleCondition, type RuleValue, readSiddhiQuery, type ThrottleRule } from '@sluice/model';
import type { Limit } from '@sluice/throttle';
import type { ConditionSwitches } from '../options.ts';
import type { AskedCall } from './asked-call.ts';
import { RuleFacts } from './rule-facts.ts';

/** A custom rule, compiled. */
export interface CompiledRule {
  readonly source: CustomRule;
  readonly limit: Limit;
}

/** The custom rules that are enabled, immutable. They are of the super organization and count calls of all. */
export class CustomRules {
  readonly empty: boolean;
  readonly #rules: readonly (CompiledRule & { readonly read: ThrottleRule })[];
  readonly #switches: ConditionSwitches;

  /** A rule that cannot be read limits nothing; `report` is told the reason. */
  constructor(
    rules: Iterable<CustomRule>,
    switches: ConditionSwitches,
    report: (rule: CustomRule, reason: string) => void,
  ) {
    this.#switches = switches;
    this.#rules = Array.from(rules)
      .filter(({ enabled }) => enabled)
      .sort((one, other) => (one.name < other.name ? -1 : 1))
      .flatMap((source) => {
        try {
          const read = readSiddhiQuery(source.siddhiQuery, source.keyTemplate);
          return [{ source, read, limit: read.limit }];
        } catch (error) {
          report(source, (error as Error).message);
          return [];
        }
      });
    this.empty = this.#rules.length === 0;
  }

  /** Calls back for each rule that governs the call, with the call's key. `client` is the address of its client. */
  each(call: AskedCall, client: string, visit: (rule: CompiledRule, key: string) => void): void {
    if (this.empty) return;
    const facts = new RuleFacts(call, client, this.#switches);
    for (const rule of this.#rules) {
      if (!holds(rule.read.condition, facts)) continue;
      const key = join(rule.read.key, facts);
      if (rule.read.template === null || join(rule.read.template, facts) === key) visit(rule, key);
    }
  }
}

function join(parts: readonly RuleValue[], facts: RuleFacts): string {
  let text = '';
  for (const part of parts) text += facts.value(part) ?? 'null';
  return text;
}

function holds(condition: RuleCondition, facts: RuleFacts): boolean {
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'and':
      return condition.terms.every((term) => holds(term, facts));
    case 'or':
      return condition.terms.some((term) => holds(term, facts));
    case 'not':
      return !holds(condition.term, facts);
    case 'null':
      return facts.value(condition.subject) === undefined;
    case 'find': {
      const subject = facts.value(condition.subject);
      return subject !== undefined && condition.pattern.test(String(subject));
    }
    case 'compare':
      return compare(condition.operator, facts.value(condition.left), facts.value(condition.right));
  }
}

type Value = string | number | boolean | undefined;

/** Blanks would be 0. */
function numberOf(value: Exclude<Value, undefined>): number {
  return typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
}

/** Where one side is a number both are taken as numbers; comparing with what is not there, or is no number then, is false, as in Siddhi. */
function compare(operator: string, left: Value, right: Value): boolean {
  if (left === undefined || right === undefined) return false;
  const numbers = typeof left === 'number' || typeof right === 'number';
  const [one, other] = numbers ? [numberOf(left), numberOf(right)] : [String(left), String(right)];
  if (Number.isNaN(one) || Number.isNaN(other)) return false;
  switch (operator) {
    case '==':
      return one === other;
    case '!=':
      return one !== other;
    case '<':
      return one < other;
    case '<=':
      return one <= other;
    case '>':
      return one > other;
    default:
      return one >= other;
  }
}
