import { fitsMixed, type TemplateSegment, type UriTemplate } from './template.ts';

/** What the tree holds at one template: a value per verb. */
type Verbs<T> = Map<string, T>;

interface Node<T> {
  readonly statics: Map<string, Node<T>>;
  /** Heaviest literal text first; among equals the text decides, so that the order of declaration never does. */
  readonly mixed: {
    readonly key: string;
    readonly literals: readonly string[];
    readonly weight: number;
    readonly node: Node<T>;
  }[];
  param: Node<T> | null;
  /** Templates that end here. */
  here: Verbs<T> | null;
  /** Templates that end here with `/*`. */
  wildcard: Verbs<T> | null;
}

function makeNode<T>(): Node<T> {
  return { statics: new Map(), mixed: [], param: null, here: null, wildcard: null };
}

/** The node below `node` for a segment, made when it is new. */
function childFor<T>(node: Node<T>, segment: TemplateSegment): Node<T> {
  if (segment.kind === 'param') {
    node.param ??= makeNode();
    return node.param;
  }
  if (segment.kind === 'static') {
    const next = node.statics.get(segment.text) ?? makeNode<T>();
    node.statics.set(segment.text, next);
    return next;
  }
  const { literals, weight } = segment;
  const key = literals.join('\0');
  const known = node.mixed.find((other) => other.key === key);
  if (known !== undefined) return known.node;
  const made = { key, literals, weight, node: makeNode<T>() };
  node.mixed.push(made);
  node.mixed.sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1));
  return made.node;
}

/**
 * The operations of one API by URI template. Segment by segment, text beats mixed beats parameter beats wildcard, and only
 * templates that have the verb count, as in WSO2 (wso2-gateway.md 6.2). Nothing is decoded; one slash at the end is ignored.
 */
export class OperationTree<T> {
  readonly #root = makeNode<T>();

  /** The first of two equal templates with the same verb stays. */
  add(verb: string, template: UriTemplate, value: T): void {
    const node = template.segments.reduce(childFor, this.#root);
    if (template.wildcard) node.wildcard ??= new Map();
    else node.here ??= new Map();
    const verbs = template.wildcard ? node.wildcard : node.here;
    if (verbs?.has(verb) === false) verbs.set(verb, value);
  }

  /** The operation for `verb` on `path` from `offset` on (where the base path ended); undefined when there is none. */
  find(verb: string, path: string, offset: number): T | undefined {
    return search(this.#root, verb, path, offset, endOf(path, offset));
  }

  /** Every verb that some template on this path has, sorted. Empty when no template fits. */
  verbs(path: string, offset: number): string[] {
    const found = new Set<string>();
    collect(this.#root, path, offset, endOf(path, offset), found);
    return [...found].sort();
  }
}

/** End of the significant part: without one trailing slash. */
function endOf(path: string, offset: number): number {
  return path.length > offset && path.charCodeAt(path.length - 1) === 0x2f ? path.length - 1 : path.length;
}

/** `at` stands on the slash before the next segment, or at the end. Each node is visited at most once, so the size of the tree bounds the search. */
function search<T>(node: Node<T>, verb: string, path: string, at: number, end: number): T | undefined {
  if (at >= end) return node.here?.get(verb) ?? node.wildcard?.get(verb);
  const slash = path.indexOf('/', at + 1);
  const next = slash === -1 || slash > end ? end : slash;
  const segment = path.substring(at + 1, next);
  const fixed = node.statics.get(segment);
  if (fixed !== undefined) {
    const found = search(fixed, verb, path, next, end);
    if (found !== undefined) return found;
  }
  if (segment !== '') {
    for (let i = 0; i < node.mixed.length; i++) {
      const mixed = node.mixed[i] as (typeof node.mixed)[number];
      if (!fitsMixed(mixed.literals, segment)) continue;
      const found = search(mixed.node, verb, path, next, end);
      if (found !== undefined) return found;
    }
    if (node.param !== null) {
      const found = search(node.param, verb, path, next, end);
      if (found !== undefined) return found;
    }
  }
  return node.wildcard?.get(verb);
}

function collect<T>(node: Node<T>, path: string, at: number, end: number, found: Set<string>): void {
  for (const verb of node.wildcard?.keys() ?? []) found.add(verb);
  if (at >= end) {
    for (const verb of node.here?.keys() ?? []) found.add(verb);
    return;
  }
  const slash = path.indexOf('/', at + 1);
  const next = slash === -1 || slash > end ? end : slash;
  const segment = path.substring(at + 1, next);
  const fixed = node.statics.get(segment);
  if (fixed !== undefined) collect(fixed, path, next, end, found);
  if (segment === '') return;
  for (const mixed of node.mixed) if (fitsMixed(mixed.literals, segment)) collect(mixed.node, path, next, end, found);
  if (node.param !== null) collect(node.param, path, next, end, found);
}
