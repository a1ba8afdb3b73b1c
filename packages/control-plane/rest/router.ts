/** What a path leads to: the operations below it by method, and the values of its parameters, percent-decoded. */
export interface Route<T> {
  readonly methods: ReadonlyMap<string, T>;
  readonly path: Readonly<Record<string, string>>;
}

interface Node<T> {
  readonly fixed: Map<string, Node<T>>;
  parameter: Node<T> | null;
  readonly methods: Map<string, T>;
  /** Parameter names of the templates that end here, by method, in the order of their segments. */
  readonly names: Map<string, string[]>;
}

/**
 * Leads paths to operations. A fixed segment wins over a parameter, an empty segment matches nothing, a trailing slash does not matter.
 * Own code because one route per portal keeps Fastify's start flat, and because a wrong method must answer 405 and not 404.
 */
export class Router<T> {
  readonly #root: Node<T> = emptyNode();

  /** Adds `/a/{b}`; throws when the method is taken on an equal template. */
  add(method: string, template: string, value: T): void {
    let node = this.#root;
    const names: string[] = [];
    for (const segment of template.split('/').slice(1)) {
      if (segment.startsWith('{')) {
        names.push(segment.slice(1, -1));
        node.parameter ??= emptyNode();
        node = node.parameter;
      } else {
        const next: Node<T> = node.fixed.get(segment) ?? emptyNode();
        node.fixed.set(segment, next);
        node = next;
      }
    }
    if (node.methods.has(method)) throw new Error(`${method} ${template} is described twice`);
    node.methods.set(method, value);
    node.names.set(method, names);
  }

  /** `path` begins with `/` and holds no query. Throws `URIError` on a malformed percent escape. */
  find(method: string, path: string): Route<T> | undefined {
    const trimmed = path.endsWith('/') && path.length > 1 ? path.slice(0, -1) : path;
    const segments = trimmed.split('/').slice(1);
    const values: string[] = [];
    const node = walk(this.#root, segments, 0, values);
    if (!node) return undefined;
    const names = node.names.get(method) ?? node.names.values().next().value ?? [];
    const entries = names.map((name, index) => [name, decodeURIComponent(values[index] ?? '')] as const);
    return { methods: node.methods, path: Object.fromEntries(entries) };
  }
}

function emptyNode<T>(): Node<T> {
  return { fixed: new Map(), parameter: null, methods: new Map(), names: new Map() };
}

/** Depth is bounded by the templates, so a long path ends early. */
function walk<T>(node: Node<T>, segments: readonly string[], index: number, values: string[]): Node<T> | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.methods.size > 0 ? node : undefined;
  const fixed = node.fixed.get(segment);
  if (fixed) {
    const found = walk(fixed, segments, index + 1, values);
    if (found) return found;
  }
  if (!node.parameter || segment === '') return undefined;
  values.push(segment);
  const found = walk(node.parameter, segments, index + 1, values);
  if (!found) values.pop();
  return found;
}
