import type { GatewayDeadlines } from '@sluice/model';
import type { Store } from '@sluice/store';
import { readDescription } from '../rest/description.ts';
import type { Portal } from '../rest/portal.ts';
import { timeoutHandlers } from './handlers.ts';

/** The REST API of the deadlines of APIs, `/api/sluice/v1/apis/{apiId}/timeouts`; ours, WSO2 has none. */
export function timeoutPortal(store: Store, gateway: GatewayDeadlines): Portal {
  return {
    name: 'timeouts',
    description: readDescription(new URL('timeouts.json', import.meta.url)),
    handlers: timeoutHandlers(store, gateway),
  };
}
