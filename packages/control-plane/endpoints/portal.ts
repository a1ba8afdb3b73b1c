import type { EndpointDesk } from '@sluice/model';
import { readDescription } from '../rest/description.ts';
import type { Portal } from '../rest/portal.ts';
import { endpointHandlers } from './handlers.ts';

/** The REST API of the states of endpoints, `/api/sluice/v1/endpoints`; ours, WSO2 has none. Without a gateway in this program it finds none. */
export function endpointPortal(desk: EndpointDesk | undefined): Portal {
  return {
    name: 'endpoints',
    description: readDescription(new URL('endpoints.json', import.meta.url)),
    handlers: endpointHandlers(desk),
  };
}
