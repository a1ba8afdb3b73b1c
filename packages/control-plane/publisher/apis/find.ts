import { type Api, errors, SluiceError } from '@sluice/model';
import type { ApiQuery, OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';

/** The API of an id. Throws 404 when there is none, and 403 when its access control leaves the caller out. */
export async function findApi(organization: OrganizationStore, request: RestRequest, id: string): Promise<Api> {
  const api = await organization.apis.get(id);
  if (!api) throw new SluiceError(errors.apiNotFound, { id });
  if (!mayAccess(api, request)) throw new SluiceError(errors.apiNotVisible, { id });
  return api;
}

/** Whether the access control of an API lets the caller in. */
export function mayAccess(api: Api, request: RestRequest): boolean {
  const { user, roles } = request.principal;
  if (api.accessControl === 'NONE' || isAdmin(request)) return true;
  if (api.provider.toLowerCase() === user.toLowerCase()) return true;
  const held = new Set(roles.map((role) => role.toLowerCase()));
  return api.accessControlRoles.some((role) => held.has(role.toLowerCase()));
}

/** The same rule for a list; an administrator sees everything. */
export function visibility(request: RestRequest): Pick<ApiQuery, 'visibleTo'> {
  if (isAdmin(request)) return {};
  const { user, roles } = request.principal;
  return { visibleTo: { user, roles, side: 'publisher' } };
}

/** Whether the caller holds the role of administrators. */
export function isAdmin(request: RestRequest): boolean {
  return request.principal.roles.some((role) => role.toLowerCase() === 'admin');
}

/** A text parameter of the path or the query; blank where it was not given. */
export function parameter(request: RestRequest, name: string): string {
  const value = request.path[name] ?? request.query[name];
  return typeof value === 'string' ? value.trim() : '';
}
