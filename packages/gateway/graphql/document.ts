import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';

/** What is wrong with a query, in words for its sender. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

/** A query by its operations and fragments. All of its operations are looked at: which of them runs is for the backend to say. */
export class QueryDocument {
  readonly operations: readonly OperationDefinitionNode[];
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  /** Throws `QueryError` for what nobody can run: no operation, type definitions, fragments that are missing or go round in a circle. */
  constructor(document: DocumentNode) {
    const operations: OperationDefinitionNode[] = [];
    for (const definition of document.definitions) {
      if (definition.kind === 'OperationDefinition') operations.push(definition);
      else if (definition.kind === 'FragmentDefinition') this.#fragments.set(definition.name.value, definition);
      else throw new QueryError('The document defines types');
    }
    if (operations.length === 0) throw new QueryError('Operation definition cannot be empty');
    this.operations = operations;
    this.#refuseCircles();
  }

  fragment(name: string): FragmentDefinitionNode {
    const fragment = this.#fragments.get(name);
    if (fragment === undefined) throw new QueryError(`There is no fragment ${name}`);
    return fragment;
  }

  /** Names of the fields at the top of an operation, those of fragments too. */
  rootFields(operation: OperationDefinitionNode): Set<string> {
    const names = new Set<string>();
    const seen = new Set<string>();
    this.#collect(operation.selectionSet, seen, ({ name }) => names.add(name.value));
    return names;
  }

  #collect(set: SelectionSetNode, seen: Set<string>, visit: (field: FieldNode) => void): void {
    for (const selection of set.selections) {
      if (selection.kind === 'Field') visit(selection);
      else if (selection.kind === 'InlineFragment') this.#collect(selection.selectionSet, seen, visit);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        this.#collect(this.fragment(selection.name.value).selectionSet, seen, visit);
      }
    }
  }

  #refuseCircles(): void {
    const done = new Set<string>();
    const open = new Set<string>();
    const enter = (name: string): void => {
      if (done.has(name)) return;
      if (open.has(name)) throw new QueryError(`The fragment ${name} holds itself`);
      open.add(name);
      for (const spread of spreadsIn(this.fragment(name).selectionSet)) enter(spread);
      open.delete(name);
      done.add(name);
    };
    for (const name of this.#fragments.keys()) enter(name);
  }
}

function spreadsIn(set: SelectionSetNode): string[] {
  return set.selections.flatMap((selection) => {
    if (selection.kind === 'FragmentSpread') return [selection.name.value];
    return selection.selectionSet === undefined ? [] : spreadsIn(selection.selectionSet);
  });
}
