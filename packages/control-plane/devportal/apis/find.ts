import { type Api, errors, type LifecycleStatus, SluiceError } from '@sluice/model';
import type { ApiQuery, OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';

/** States in which consumers can look at an API; a deprecated one is still its subscribers'. */
const readable: readonly LifecycleStatus[] = ['PUBLISHED', 'PROTOTYPED', 'DEPRECATED'];

/**
 * An API that the caller may see. Throws 404 when there is none, and 403 when it is not published (any more) or shown to others only,
 * as WSO2 does.
 */
export async function visibleApi(organization: OrganizationStore, request: RestRequest, id: string): Promise<Api> {
  const api = await organization.apis.get(id);
  if (!api) throw new SluiceError(errors.apiNotFound, { id });
  if (!readable.includes(api.status) || !isVisible(api, request)) throw new SluiceError(errors.apiNotVisible, { id });
  return api;
}

function isVisible(api: Api, request: RestRequest): boolean {
  if (api.visibility === 'PUBLIC') return true;
  if (request.anonymous) return false;
  if (api.visibility === 'PRIVATE') return true;
  const roles = new Set(request.principal.roles.map((role) => role.toLowerCase()));
  return api.visibleRoles.some((role) => roles.has(role.toLowerCase()));
}

/** Limits a listing to what the caller may see. */
export function visibleTo(request: RestRequest): NonNullable<ApiQuery['visibleTo']> {
  const { user, roles } = request.principal;
  return { user: request.anonymous ? '' : user, roles: request.anonymous ? [] : roles, side: 'devportal' };
}
