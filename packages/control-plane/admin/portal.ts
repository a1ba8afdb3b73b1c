import type { RemovalDependencies } from '../devportal/applications/remove.ts';
import { readDescription } from '../rest/description.ts';
import type { RestHandlers } from '../rest/handler.ts';
import type { Portal } from '../rest/portal.ts';
import { scopesOf } from '../rest/scopes.ts';
import { applicationHandlers } from './applications.ts';
import { environmentHandlers } from './environments.ts';
import { throttlingHandlers } from './throttling/handlers.ts';
import type { ThrottlingDependencies } from './throttling/plan-handlers.ts';

/** What the admin portal works with. */
export type AdminDependencies = RemovalDependencies & ThrottlingDependencies;

/** The admin portal's REST API, v4. */
export function adminPortal(deps: AdminDependencies): Portal {
  const description = readDescription(new URL('admin.json', import.meta.url));
  const handlers: RestHandlers = {
    ...applicationHandlers(deps),
    ...environmentHandlers(deps),
    ...throttlingHandlers(deps),
    getSettings: async () => ({
      status: 200,
      body: {
        scopes: scopesOf(description),
        gatewayTypes: ['Regular'],
        IsJWTEnabledForLoginTokens: true,
        orgAccessControlEnabled: false,
        keyManagerConfiguration: [],
        gatewayConfiguration: [],
        analyticsEnabled: false,
        transactionCounterEnable: false,
        isGatewayNotificationEnabled: false,
      },
    }),
  };
  return { name: 'admin', description, handlers };
}
