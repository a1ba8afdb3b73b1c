import { residentKeyManager } from '@sluice/key-manager';
import { errors, type GatewayEnvironment, type JsonObject, SluiceError } from '@sluice/model';
import { usualPlan } from '../../plans/offered.ts';
import type { RestHandlers, RestRequest } from '../../rest/handler.ts';
import { listView, pageOf } from '../../rest/list.ts';
import { scopesOf } from '../../rest/scopes.ts';
import { parameter } from '../apis/find.ts';
import { unknownRole } from '../apis/roles.ts';
import type { PublisherDependencies } from '../dependencies.ts';
import { description } from '../description.ts';

const scopes = scopesOf(description);

/** Facts of the installation and of the caller. */
export function settingsHandlers({ store, keyManager, settings, plans }: PublisherDependencies): RestHandlers {
  return {
    getSettings: async (request) => {
      const environments = await store.organization(request.organization).environments.list();
      const body: JsonObject = {
        devportalUrl: settings.devportalUrl,
        environment: environments.map((environment) => environmentView(environment, request.baseUrl)),
        gatewayTypes: ['Regular'],
        scopes,
        monetizationAttributes: [],
        externalStoresEnabled: false,
        docVisibilityEnabled: false,
        portalConfigurationOnlyModeEnabled: false,
        retryCallWithNewOAuthTokenEnabled: true,
        crossTenantSubscriptionEnabled: false,
        defaultAdvancePolicy: usualPlan('advanced', plans),
        defaultSubscriptionPolicy: usualPlan('subscription', plans),
        authorizationHeader: 'Authorization',
        IsJWTEnabledForLoginTokens: true,
        orgAccessControlEnabled: false,
        allowSubscriptionValidationDisabling: false,
        designAssistantEnabled: false,
        aiAuthTokenProvided: false,
        isGatewayNotificationEnabled: false,
        isMCPSupportEnabled: false,
        customProperties: [],
      };
      return { status: 200, body };
    },

    getTenantsByState: async (request) => {
      const page = pageOf(request);
      // No organization is ever switched off.
      const all = request.query.state === 'inactive' ? [] : await store.organizations();
      const list = all.slice(page.offset, page.offset + page.limit).map((domain) => ({ domain, status: 'ACTIVE' }));
      return { status: 200, body: listView('/tenants', page, all.length, list, { state: request.query.state }) };
    },

    getTenantExistence: async (request) => {
      const organization = parameter(request, 'tenantDomain');
      if (!(await store.organizations()).includes(organization)) {
        throw new SluiceError(errors.organizationUnknown, { organization });
      }
      return { status: 200 };
    },

    getAllKeyManagers: async () => ({
      status: 200,
      body: {
        count: 1,
        list: [{ name: residentKeyManager, displayName: residentKeyManager, type: 'default', enabled: true }],
      },
    }),

    validateSystemRole: async (request) => {
      const role = roleOf(request);
      if (
        role === '' ||
        (await unknownRole({ keyManager, organization: request.organization }, [role])) !== undefined
      ) {
        throw new SluiceError(errors.resourceNotFound, { detail: 'There is no such role.' });
      }
      return { status: 200 };
    },

    validateUserRole: async (request) => {
      const role = roleOf(request).toLowerCase();
      if (!request.principal.roles.some((held) => held.toLowerCase() === role)) {
        throw new SluiceError(errors.resourceNotFound, { detail: 'You do not have this role.' });
      }
      return { status: 200 };
    },

    organizationInformation: async (request) => ({
      status: 200,
      body: { organizationId: request.organization, name: request.organization },
    }),
  };
}

/** Role names hold slashes, so paths carry them in base64url. */
function roleOf(request: RestRequest): string {
  return Buffer.from(parameter(request, 'roleId'), 'base64url').toString('utf8');
}

/** WSO2's `Environment`. */
function environmentView(environment: GatewayEnvironment, serverUrl: string): JsonObject {
  return {
    id: environment.id,
    name: environment.name,
    displayName: environment.displayName,
    type: environment.type,
    gatewayType: 'Regular',
    mode: 'WRITE_ONLY',
    serverUrl: `${serverUrl}/services/`,
    provider: 'wso2',
    showInApiConsole: true,
    vhosts: environment.vhosts.map(({ host, httpContext, httpPort, httpsPort, wsPort, wssPort }) => ({
      host,
      httpContext,
      httpPort,
      httpsPort,
      wsPort,
      wsHost: host,
      wssPort,
      wssHost: host,
    })),
    endpointURIs: [],
    additionalProperties: [],
    permissions: { permissionType: 'PUBLIC', roles: [] },
  };
}
