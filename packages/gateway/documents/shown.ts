import type { DeployedApi } from '@sluice/model';

/** Whether anybody may read what the API offers: it is visible to all in the developer portal, and beyond its draft. */
export function isShown(api: DeployedApi): boolean {
  return api.more.visibility === undefined && api.status !== 'CREATED';
}
