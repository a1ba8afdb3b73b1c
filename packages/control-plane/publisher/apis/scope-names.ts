import type { ApiScope } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

const pageSize = 500;

/**
 * The first of these scopes that an API of another name binds to other roles. A scope is granted by its name alone, so a second API that binds it
 * to weaker roles would open the first. Versions of one API share their scopes.
 */
export async function scopeHolder(
  { apis }: Pick<OrganizationStore, 'apis'>,
  scopes: readonly ApiScope[],
  name: string,
): Promise<string | undefined> {
  if (scopes.length === 0) return undefined;
  const wanted = new Map(scopes.map((scope) => [scope.name, roles(scope)]));
  for (let offset = 0; ; offset += pageSize) {
    const page = await apis.list({ terms: [] }, { offset, limit: pageSize });
    for (const api of page.items) {
      if (api.name.toLowerCase() === name.toLowerCase()) continue;
      const taken = api.scopes.find(
        (scope) => !scope.shared && (wanted.get(scope.name) ?? roles(scope)) !== roles(scope),
      );
      if (taken) return taken.name;
    }
    if (page.items.length < pageSize) return undefined;
  }
}

/** The roles in one order and case. */
function roles(scope: ApiScope): string {
  return JSON.stringify(scope.bindings.map((role) => role.toLowerCase()).sort());
}
