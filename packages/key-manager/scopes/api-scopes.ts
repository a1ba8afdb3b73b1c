import type { Store } from '@sluice/store';

/** The roles that an API bound a scope to; empty gives it to everyone, undefined means that no API has it. */
export type ApiScopeLookup = (organization: string, scope: string) => Promise<readonly string[] | undefined>;

interface Index {
  readonly at: number;
  readonly took: number;
  readonly roles: Map<string, readonly string[]>;
}

const pageSize = 500;
const shortestAge = 1_000;

/**
 * Scopes of an organization's APIs, gathered when a scope is asked for that the REST APIs do not know.
 * A gathering is used for at least a second and for twenty times as long as it took, so that many APIs never cost more than a twentieth of the time.
 */
export function createApiScopes(store: Store, now: () => number): ApiScopeLookup {
  const indexes = new Map<string, Promise<Index>>();

  async function gather(organization: string): Promise<Index> {
    const at = now();
    const roles = new Map<string, readonly string[]>();
    const { apis } = store.organization(organization);
    for (let offset = 0; ; offset += pageSize) {
      const page = await apis.list({ terms: [] }, { offset, limit: pageSize });
      for (const api of page.items)
        for (const scope of api.scopes) {
          const known = roles.get(scope.name);
          // A scope without roles is everyone's; one name in several versions of an API is held by the roles of any of them.
          const open = known?.length === 0 || scope.bindings.length === 0;
          roles.set(scope.name, open ? [] : [...new Set([...(known ?? []), ...scope.bindings])]);
        }
      if (page.items.length < pageSize) break;
    }
    return { at, took: now() - at, roles };
  }

  return async (organization, scope) => {
    let index = await indexes.get(organization);
    if (!index || now() - index.at > Math.max(shortestAge, 20 * index.took)) {
      const gathering = gather(organization);
      indexes.set(organization, gathering);
      gathering.catch(() => indexes.delete(organization));
      index = await gathering;
    }
    return index.roles.get(scope);
  };
}
