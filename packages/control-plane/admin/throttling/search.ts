import { errors, type JsonObject, SluiceError } from '@sluice/model';
import type { RestHandlers } from '../../rest/handler.ts';
import type { ThrottlingDependencies } from './plan-handlers.ts';
import { findPolicy, isLevel, kindsByLevel, listPolicies, type Policy, type PolicyLevel } from './policies.ts';

/** `/throttling/policies/search`, where apictl lists policies and finds the one that it removes. */
export function policySearchHandlers({ store, plans }: ThrottlingDependencies): RestHandlers {
  return {
    throttlingPolicySearch: async (request) => {
      const { level, name } = readQuery(typeof request.query.query === 'string' ? request.query.query : '');
      const organization = store.organization(request.organization);
      const list: JsonObject[] = [];
      const add = (policies: readonly Policy[], of: PolicyLevel) => {
        for (const policy of policies) list.push(detailsView(policy, of, list.length + 1));
      };
      if (level === undefined) {
        for (const each of Object.keys(kindsByLevel) as PolicyLevel[]) {
          add(await listPolicies(organization, each, plans), each);
        }
      } else if (name === undefined) {
        add(await listPolicies(organization, level, plans), level);
      } else {
        const policy = await findPolicy(organization, level, name);
        if (!policy) throw new SluiceError(errors.throttlingPolicyMissing, { name });
        add([policy], level);
      }
      return { status: 200, body: { count: list.length, list } };
    },
  };
}

/** `type:sub` and `name:Gold`, in any order; a name ends where the next key begins. As in WSO2 a name counts only beside one type. */
function readQuery(query: string): { readonly level: PolicyLevel | undefined; readonly name: string | undefined } {
  const invalid = () => new SluiceError(errors.policySearchInvalid, { query: JSON.stringify(query) });
  if (query.trim() === '') return { level: undefined, name: undefined };
  const terms = new Map<string, string>();
  // Blanks before a key are cut off afterwards: a pattern would look at each run of them again and again.
  for (const part of query.trim().split(/(?<=\s)(?=(?:type|name):)/i)) {
    const term = part.trim();
    const colon = term.indexOf(':');
    const key = term.slice(0, colon).toLowerCase();
    if (colon < 0 || (key !== 'type' && key !== 'name') || terms.has(key)) throw invalid();
    terms.set(key, term.slice(colon + 1).replace(/^"(.*)"$/, '$1'));
  }
  const type = terms.get('type')?.toLowerCase();
  if (type === undefined) throw invalid();
  if (type === 'all') return { level: undefined, name: undefined };
  if (!isLevel(type)) throw invalid();
  return { level: type, name: terms.get('name') };
}

/** WSO2's `ThrottlePolicyDetails`. Its number of a row has no meaning elsewhere; here it is the place in the list. */
function detailsView(policy: Policy, type: PolicyLevel, place: number): JsonObject {
  return {
    policyId: place,
    uuid: policy.id,
    policyName: policy.name,
    displayName: 'kind' in policy ? policy.displayName : policy.name,
    description: policy.description,
    isDeployed: true,
    type,
  };
}
