import type { Json } from '../json.ts';

/**
 * Whether a value is written in about so many characters, or fewer. Asked before it is written: what stands in a definition once may be meant a
 * thousand times over. `root` is the name of its element.
 */
export function fits(value: Json, root: string, kind: 'json' | 'xml', most: number): boolean {
  let left = most;
  /** An element says its name twice, and each item of a list is one. */
  const take = (one: Json, name: string): boolean => {
    left -= kind === 'xml' ? 2 * name.length + 5 : name.length + 1;
    if (typeof one === 'string') left -= one.length;
    if (left < 0) return false;
    if (Array.isArray(one)) return one.every((item) => take(item, kind === 'xml' ? name : ''));
    if (typeof one !== 'object' || one === null) return true;
    for (const member in one) if (!take(one[member] as Json, member)) return false;
    return true;
  };
  return take(value, root);
}
