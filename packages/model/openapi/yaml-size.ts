/** The parts of the `yaml` library's nodes that matter here; all are plain objects with these members. */
interface YamlNode {
  readonly anchor?: string;
  /** Aliases only. */
  readonly source?: string;
  /** Maps, lists. */
  readonly items?: readonly unknown[];
  /** Pairs. */
  readonly key?: unknown;
  readonly value?: unknown;
}

interface Extent {
  readonly size: number;
  readonly depth: number;
}

/**
 * How many values a YAML document holds once every alias is written out, found without writing them out: each anchor's extent is computed once, in document order.
 * `size` or `depth` where a bound is passed; an alias to a node that it stands in counts as endless depth.
 */
export function expandedSize(root: unknown, maxSize: number, maxDepth: number): number | 'size' | 'depth' {
  const anchors = new Map<string, Extent | 'open'>();
  let verdict: 'size' | 'depth' | undefined;

  function extent(node: unknown, level: number): Extent {
    if (level > maxDepth) verdict ??= 'depth';
    if (verdict !== undefined || typeof node !== 'object' || node === null) return { size: 1, depth: 0 };
    const { anchor, source, items, key, value } = node as YamlNode;
    if (source !== undefined && items === undefined) return aliased(source);
    if (anchor !== undefined) anchors.set(anchor, 'open');
    const children = items ?? ('key' in node ? [key, value] : []);
    // A pair is part of its map, so it adds no level.
    const below = items === undefined ? level : level + 1;
    let size = 1;
    let depth = 0;
    for (const child of children) {
      const inner = extent(child, below);
      size += inner.size;
      depth = Math.max(depth, inner.depth + (items === undefined ? 0 : 1));
      if (size > maxSize) verdict ??= 'size';
      if (verdict !== undefined) break;
    }
    if (level + depth > maxDepth) verdict ??= 'depth';
    const own = { size, depth };
    if (anchor !== undefined) anchors.set(anchor, own);
    return own;
  }

  function aliased(source: string): Extent {
    const target = anchors.get(source);
    if (target === 'open') verdict ??= 'depth';
    return target === undefined || target === 'open' ? { size: 1, depth: 0 } : target;
  }

  const { size } = extent(root, 0);
  return verdict ?? size;
}
