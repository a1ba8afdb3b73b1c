import type { Json } from '../json.ts';

/** What fields cost by type and name, of WSO2's list of `{ type, field, complexityValue }`. What is not of that form is left out. */
export function graphqlCosts(list: Json | undefined): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const costs = new Map<string, Map<string, number>>();
  for (const one of Array.isArray(list) ? list : []) {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) continue;
    const { type, field, complexityValue: cost } = one;
    if (typeof type !== 'string' || typeof field !== 'string') continue;
    if (typeof cost !== 'number' || !Number.isSafeInteger(cost) || cost < 0) continue;
    costs.set(type, (costs.get(type) ?? new Map<string, number>()).set(field, cost));
  }
  return Object.fromEntries(Array.from(costs, ([type, fields]) => [type, Object.fromEntries(fields)]));
}
