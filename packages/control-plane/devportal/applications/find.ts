import { type Application, errors, SluiceError } from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';
import type { RestRequest } from '../../rest/handler.ts';

/**
 * The caller's application. Somebody else's is answered like none (404), so that ids tell nothing;
 * WSO2's suites ask for that too (`wso2-control-plane.md` 2.10).
 */
export async function ownApplication(
  organization: OrganizationStore,
  request: RestRequest,
  id: string,
): Promise<Application> {
  const application = await organization.applications.get(id);
  if (!application || !isOwn(application, request)) throw new SluiceError(errors.applicationNotFound, { id });
  return application;
}

/** User names compare without case. */
export function isOwn(application: Pick<Application, 'owner'>, request: RestRequest): boolean {
  return application.owner.toLowerCase() === request.principal.user.toLowerCase();
}
