import type { Plan } from '@sluice/model';

/** Whether a person with these roles may choose a plan. Names of roles compare without case. */
export function planPermitted({ permissions }: Plan, roles: readonly string[]): boolean {
  if (!permissions) return true;
  const named = new Set(permissions.roles.map((role) => role.toLowerCase()));
  const holds = roles.some((role) => named.has(role.toLowerCase()));
  return permissions.type === 'DENY' ? !holds : holds;
}
