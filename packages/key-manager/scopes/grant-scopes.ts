import type { ApiScopeLookup } from './api-scopes.ts';
import { roleScopes } from './role-scopes.ts';

/** What is granted when nothing of what was asked for is. */
export const defaultScope = 'default';

/** Scopes that need no role, as WSO2's `[apim.oauth_config] allowed_scopes` has them from the start. */
export const usualAllowedScopes: readonly RegExp[] = [/^openid$/, /^device_.*$/];

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

/**
 * Keeps of `asked` what the holder's roles allow, in the order asked; the rest is dropped without a word as in WSO2, and nothing left is `default`.
 */
export type GrantScopes = (
  asked: readonly string[],
  holder: { readonly organization: string; readonly roles: readonly string[] },
) => Promise<string[]>;

export function createGrantScopes(apiScope: ApiScopeLookup, allowed: readonly RegExp[]): GrantScopes {
  return async (asked, { organization, roles }) => {
    const held = scopesOf(roles);
    const names = new Set(roles.map((role) => role.toLowerCase()));
    const granted: string[] = [];
    for (const scope of asked) {
      if (held.has(scope) || allowed.some((pattern) => pattern.test(scope))) granted.push(scope);
      else if (!Object.hasOwn(roleScopes, scope)) {
        const bound = await apiScope(organization, scope);
        if (bound && (bound.length === 0 || bound.some((role) => names.has(role.toLowerCase())))) granted.push(scope);
      }
    }
    return granted.length === 0 ? [defaultScope] : granted;
  };
}
