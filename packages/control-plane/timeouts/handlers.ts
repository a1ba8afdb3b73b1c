import type { GatewayDeadlines, JsonObject } from '@sluice/model';
import type { Store } from '@sluice/store';
import { findApi, parameter } from '../publisher/apis/find.ts';
import type { RestHandlers } from '../rest/handler.ts';
import { timeoutReports } from './report.ts';

/** The operations of `timeouts.json`. */
export function timeoutHandlers(store: Store, gateway: GatewayDeadlines): RestHandlers {
  return {
    async getTimeouts(request) {
      const organization = store.organization(request.organization);
      const api = await findApi(organization, request, parameter(request, 'apiId'));
      const list = await timeoutReports(organization, api, gateway);
      return { status: 200, body: { count: list.length, list: list as unknown as JsonObject[] } };
    },
  };
}
