import type { JsonObject, Plan } from '@sluice/model';

/** Whether a person with these roles may choose a plan: WSO2's `permissions` (ALLOW or DENY some roles); none lets everybody. */
export function planPermitted(plan: Plan, roles: readonly string[]): boolean {
  const permissions = plan.more.permissions as JsonObject | null | undefined;
  if (!permissions || !Array.isArray(permissions.roles)) return true;
  const named = permissions.roles.map((role) => String(role).toLowerCase());
  const holds = roles.some((role) => named.includes(role.toLowerCase()));
  return permissions.permissionType === 'DENY' ? !holds : holds;
}
