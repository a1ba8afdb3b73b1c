import { type Description, describedOperations } from './description.ts';

/** Every scope that the operations of a portal ask for; a client of the portal asks for them when it signs somebody in. */
export function scopesOf(description: Description): string[] {
  const scopes = new Set(['openid']);
  for (const operation of describedOperations(description)) for (const scope of operation.scopes) scopes.add(scope);
  return [...scopes];
}
