import { createRequire } from 'node:module';
import type { Alias, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { member } from '../finding.ts';
import type { Json, JsonObject } from '../json.ts';
import { lineAt } from './scan.ts';

/** Loaded with the first YAML document, since most starts of the program read none. */
const requireYaml = createRequire(import.meta.url);

/** Texts that authors forget to quote: as numbers, 1.10 would become 1.1 and 2.0 would become 2. */
const textMembers = new Set(['swagger', 'openapi', 'info.version']);

/** The text is not YAML, or holds what JSON cannot; the message says what and where. */
class YamlError extends Error {
  override readonly name = 'YamlError';
}

export interface YamlBounds {
  /** Levels of nesting, aliases written out. */
  readonly maxDepth: number;
  /** Values, aliases written out. */
  readonly maxValues: number;
}

/** A node turned into JSON, and how far it reaches with its aliases written out. */
interface Converted {
  readonly value: Json;
  readonly size: number;
  readonly depth: number;
}

/**
 * Reads YAML 1.2 with the core schema and merge keys into JSON. Throws `YamlError`.
 *
 * The library parses; the tree is turned into JSON here, because the library's own way compares each key with all others and each alias with all anchors,
 * and takes minutes for a hostile text of 100 KB. Aliased nodes are shared, not copied, so that a bound on size is found before memory is.
 */
export function parseYaml(text: string, { maxDepth, maxValues }: YamlBounds): Json {
  const yaml = requireYaml('yaml') as typeof import('yaml');
  // Pretty errors each look for their line: 60,000 of them take seconds, and one is enough.
  const options = { schema: 'core', uniqueKeys: false, logLevel: 'error', prettyErrors: false } as const;
  const document = yaml.parseDocument(text, options);
  const problem = document.errors[0];
  if (problem !== undefined) throw new YamlError(`${problem.message} (line ${lineAt(text, problem.pos[0])})`);
  const anchors = new Map<string, Converted | 'open'>();
  const place: (string | number)[] = [];
  return convert(document.contents).value;

  function fail(detail: string): never {
    const shown = place.slice(0, 12).reduce<string>((path, key) => member(path, key), '');
    throw new YamlError(shown === '' ? detail : `${shown}: ${detail}`);
  }

  function convert(node: unknown): Converted {
    if (place.length > maxDepth) fail(`nested deeper than ${maxDepth} levels`);
    if (yaml.isAlias(node)) return aliased(node);
    const anchor = yaml.isNode(node) && !yaml.isAlias(node) ? node.anchor : undefined;
    if (anchor !== undefined) anchors.set(anchor, 'open');
    const converted = yaml.isMap(node) ? map(node) : yaml.isSeq(node) ? list(node) : scalar(node);
    if (converted.size > maxValues) fail(`more than ${maxValues} values, aliases written out`);
    if (place.length + converted.depth > maxDepth) fail(`nested deeper than ${maxDepth} levels, aliases written out`);
    if (anchor !== undefined) anchors.set(anchor, converted);
    return converted;
  }

  function aliased(alias: Alias): Converted {
    const target = anchors.get(alias.source);
    if (target === undefined) return fail(`nothing is called &${alias.source} before *${alias.source}`);
    if (target === 'open') return fail(`*${alias.source} stands in what it stands for`);
    if (place.length + target.depth > maxDepth) fail(`nested deeper than ${maxDepth} levels, aliases written out`);
    return target;
  }

  function scalar(node: unknown): Converted {
    const { value, source } = yaml.isScalar(node) ? node : ({ value: null } as Scalar);
    const leaf = (leafValue: Json): Converted => ({ value: leafValue, size: 1, depth: 0 });
    if (typeof value === 'number') {
      if (source !== undefined && textMembers.has(place.join('.'))) return leaf(source);
      return Number.isFinite(value) ? leaf(value) : fail(`${value} is not a number in JSON`);
    }
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return leaf(value);
    return fail('neither text, number, truth value, list nor map');
  }

  function list(node: YAMLSeq): Converted {
    const value: Json[] = [];
    const extent = { size: 1, depth: 0 };
    for (const [index, item] of node.items.entries()) value.push(below(index, item, extent));
    return { value, ...extent };
  }

  function map(node: YAMLMap): Converted {
    const members = new Map<string, Json>();
    const merges: unknown[] = [];
    const extent = { size: 1, depth: 0 };
    for (const { key, value } of node.items) {
      if (isMerge(key)) {
        merges.push(value);
        continue;
      }
      const name = nameOf(key);
      if (members.has(name)) {
        place.push(name);
        fail('stands twice in its map');
      }
      members.set(name, below(name, value, extent));
    }
    for (const merge of merges) mergeInto(members, merge, extent);
    return { value: Object.fromEntries(members), ...extent };
  }

  function below(key: string | number, node: unknown, extent: { size: number; depth: number }): Json {
    place.push(key);
    const inner = convert(node);
    place.pop();
    extent.size += inner.size;
    extent.depth = Math.max(extent.depth, inner.depth + 1);
    if (extent.size > maxValues) fail(`more than ${maxValues} values, aliases written out`);
    return inner.value;
  }

  /** YAML's merge key: members of the other map, or of several, unless they are there already. */
  function mergeInto(members: Map<string, Json>, node: unknown, extent: { size: number; depth: number }): void {
    const merged = below('<<', node, extent);
    for (const source of Array.isArray(merged) ? merged : [merged]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) fail('<< takes maps only');
      for (const [name, value] of Object.entries(source as JsonObject)) {
        if (!members.has(name)) members.set(name, value);
      }
    }
  }

  function isMerge(key: unknown): boolean {
    return yaml.isScalar(key) && key.value === '<<' && key.type === 'PLAIN';
  }

  /** Names are texts; numbers keep the spelling that the author gave them. */
  function nameOf(key: unknown): string {
    const resolved = yaml.isAlias(key) ? aliased(key).value : key;
    if (typeof resolved === 'string') return resolved;
    if (yaml.isScalar(resolved) || resolved === null) {
      const { value, source } = (resolved ?? {}) as Partial<Scalar>;
      if (typeof value === 'string') return value;
      return value === null || value === undefined ? '' : (source ?? String(value));
    }
    return fail('the name of a member must be a text');
  }
}
