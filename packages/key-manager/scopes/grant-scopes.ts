import type { ApiScopeLookup } from './api-scopes.ts';
import { roleScopes } from './role-scopes.ts';

/** What is granted when nothing of what was asked for is. */
export const defaultScope = 'default';

/** Scopes that need no role: `[apim.oauth_config] allowed_scopes` of WSO2. */
const freeScope = /^(?:openid|device_.*)$/;

const scopesByRole = new Map<string, Set<string>>();
for (const [scope, roles] of Object.entries(roleScopes))
  for (const role of roles) {
    const key = role.toLowerCase();
    scopesByRole.set(key, (scopesByRole.get(key) ?? new Set()).add(scope));
  }

/** The scopes of the REST APIs that these roles hold. Role names compare without case. */
export function scopesOf(roles: readonly string[]): ReadonlySet<string> {
  const scopes = new Set<string>();
  for (const role of roles) for (const scope of scopesByRole.get(role.toLowerCase()) ?? []) scopes.add(scope);
  return scopes;
}

/** Splits the `scope` parameter (RFC 6749 section 3.3), without doubles. */
export const parseScope = (text: string | undefined): string[] => [
  ...new Set((text ?? '').split(/\s+/).filter((scope) => scope !== '')),
];

/** Keeps what the roles hold, in the order asked; the rest is dropped without a word as in WSO2, and nothing left is `default`. */
export async function grantScopes(
  asked: readonly string[],
  holder: { readonly organization: string; readonly roles: readonly string[] },
  apiScope: ApiScopeLookup,
): Promise<string[]> {
  const held = scopesOf(holder.roles);
  const roles = new Set(holder.roles.map((role) => role.toLowerCase()));
  const granted: string[] = [];
  for (const scope of asked) {
    if (held.has(scope) || freeScope.test(scope)) granted.push(scope);
    else if (!Object.hasOwn(roleScopes, scope)) {
      const bound = await apiScope(holder.organization, scope);
      if (bound && (bound.length === 0 || bound.some((role) => roles.has(role.toLowerCase())))) granted.push(scope);
    }
  }
  return granted.length === 0 ? [defaultScope] : granted;
}
