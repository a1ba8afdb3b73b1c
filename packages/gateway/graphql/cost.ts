import type { Json } from '@sluice/model';
import type { ArgumentNode, FieldNode, OperationDefinitionNode, SelectionSetNode, ValueNode } from 'graphql';
import type { QueryDocument } from './document.ts';

/** What the cost of fields depends on. */
export interface CostRules {
  /** Cost of a field by the type that has it; 1 for those that are not there. */
  readonly complexity: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Type of a field; undefined where no schema says it. */
  typeOf(parent: string, field: string): string | undefined;
  /** Type at the top of an operation of this kind. */
  rootOf(kind: 'query' | 'mutation' | 'subscription'): string;
}

/** Arguments that say how many there are to be (wso2-policies-and-kinds.md 3.3). */
const counting: ReadonlySet<string> = new Set(['first', 'last', 'limit']);

/** Beyond this all costs are the same, so that none is infinite: nothing times that would be no number. */
const most = 1e15;

/** Levels of fields in one another, in the deepest of the operations. Fragments are looked at once, however many operations spread them. */
export function depthOf(document: QueryDocument): number {
  const ofFragments = new Map<string, number>();
  const ofSet = (set: SelectionSetNode | undefined): number => {
    let deepest = 0;
    for (const selection of set?.selections ?? []) {
      const depth =
        selection.kind === 'Field'
          ? 1 + ofSet(selection.selectionSet)
          : selection.kind === 'InlineFragment'
            ? ofSet(selection.selectionSet)
            : ofFragment(selection.name.value);
      deepest = Math.max(deepest, depth);
    }
    return deepest;
  };
  const ofFragment = (name: string): number => {
    const depth = ofFragments.get(name) ?? ofSet(document.fragment(name).selectionSet);
    ofFragments.set(name, depth);
    return depth;
  };
  return Math.max(...document.operations.map(({ selectionSet }) => ofSet(selectionSet)));
}

/**
 * Cost of the dearest operation: a field costs its own complexity and that of all below it, times its arguments: those that count by their number,
 * each other by 1 (wso2-policies-and-kinds.md 3.3). A variable counts by its value, which WSO2 takes for 0. A fragment counts wherever it
 * is spread, and is looked at once, for operations with defaults of variables once for each.
 */
export function complexityOf(
  document: QueryDocument,
  rules: CostRules,
  variables: Readonly<Record<string, Json>>,
): number {
  const shared = new Map<string, number>();
  const costs = document.operations.map((operation) => {
    const defaults = defaultsOf(operation);
    return costOf(document, operation, rules, variables, defaults, defaults.size === 0 ? shared : new Map());
  });
  return Math.max(...costs);
}

function defaultsOf(operation: OperationDefinitionNode): Map<string, number> {
  const defaults = new Map<string, number>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    const amount = literalOf(defaultValue);
    if (amount !== undefined) defaults.set(variable.name.value, amount);
  }
  return defaults;
}

function costOf(
  document: QueryDocument,
  operation: OperationDefinitionNode,
  rules: CostRules,
  variables: Readonly<Record<string, Json>>,
  defaults: ReadonlyMap<string, number>,
  ofFragments: Map<string, number>,
): number {
  const ofSet = (set: SelectionSetNode | undefined, parent: string): number => {
    let sum = 0;
    for (const selection of set?.selections ?? []) {
      if (selection.kind === 'Field') sum += ofField(selection, parent);
      else if (selection.kind === 'InlineFragment') {
        sum += ofSet(selection.selectionSet, selection.typeCondition?.name.value ?? parent);
      } else sum += ofFragment(selection.name.value);
    }
    return sum;
  };
  const ofField = (field: FieldNode, parent: string): number => {
    const name = field.name.value;
    const type = rules.typeOf(parent, name) ?? '';
    const each = ownOf(rules, parent, name) + ofSet(field.selectionSet, type);
    return Math.min(most, timesOf(field.arguments ?? []) * each);
  };
  const ofFragment = (name: string): number => {
    const fragment = document.fragment(name);
    const cost = ofFragments.get(name) ?? ofSet(fragment.selectionSet, fragment.typeCondition.name.value);
    ofFragments.set(name, cost);
    return cost;
  };
  const timesOf = (args: readonly ArgumentNode[]): number => {
    if (args.length === 0) return 1;
    return args.reduce((sum, argument) => sum + (isCounting(argument) ? numberOf(argument) : 1), 0);
  };
  const numberOf = ({ value }: ArgumentNode): number => {
    if (value.kind !== 'Variable') return bounded(literalOf(value));
    const name = value.name.value;
    const sent = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return bounded(amountOf(sent) ?? defaults.get(name));
  };
  return ofSet(operation.selectionSet, rules.rootOf(operation.operation));
}

/** Amounts below nothing stand for all there is in many backends: they take no cost away. */
function bounded(amount: number | undefined): number {
  return amount === undefined || amount < 0 ? 1 : Math.min(most, amount);
}

function literalOf(value: ValueNode | undefined): number | undefined {
  return value?.kind === 'IntValue' || value?.kind === 'FloatValue' || value?.kind === 'StringValue'
    ? amountOf(value.value)
    : undefined;
}

/** Some backends take an amount in quotes for a number. */
function amountOf(value: Json | undefined): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const amount = Number(value);
  return Number.isNaN(amount) ? undefined : amount;
}

function isCounting({ name }: ArgumentNode): boolean {
  return counting.has(name.value.toLowerCase());
}

function ownOf({ complexity }: CostRules, parent: string, field: string): number {
  const fields = Object.hasOwn(complexity, parent) ? complexity[parent] : undefined;
  return fields !== undefined && Object.hasOwn(fields, field) ? (fields[field] ?? 1) : 1;
}
