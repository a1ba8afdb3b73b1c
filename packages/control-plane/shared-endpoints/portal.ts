import { readDescription } from '../rest/description.ts';
import type { Portal } from '../rest/portal.ts';
import { type SharedEndpointDependencies, sharedEndpointHandlers } from './handlers.ts';

/** The REST API of the endpoints that APIs share, `/api/sluice/v1/shared-endpoints`; ours, WSO2 keeps them in files of the gateway. */
export function sharedEndpointPortal(deps: SharedEndpointDependencies): Portal {
  return {
    name: 'shared-endpoints',
    description: readDescription(new URL('shared-endpoints.json', import.meta.url)),
    handlers: sharedEndpointHandlers(deps),
  };
}
