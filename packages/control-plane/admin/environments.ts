import { errors, type GatewayEnvironment, type JsonObject, SluiceError } from '@sluice/model';
import type { Store } from '@sluice/store';
import type { RestHandlers } from '../rest/handler.ts';

/** `/environments`, to read. */
export function environmentHandlers({ store }: { readonly store: Store }): RestHandlers {
  return {
    listEnvironments: async (request) => {
      const list = (await store.organization(request.organization).environments.list()).map(environmentView);
      return { status: 200, body: { count: list.length, list } };
    },
    getEnvironment: async (request) => {
      const id = request.path.environmentId ?? '';
      const environments = await store.organization(request.organization).environments.list();
      const environment = environments.find((candidate) => candidate.id === id);
      if (!environment) throw new SluiceError(errors.environmentNotFound, { id });
      return { status: 200, body: environmentView(environment) };
    },
  };
}

/** WSO2's `Environment`. */
function environmentView(environment: GatewayEnvironment): JsonObject {
  return {
    id: environment.id,
    name: environment.name,
    displayName: environment.displayName,
    provider: 'wso2',
    type: environment.type,
    gatewayType: 'Regular',
    description: environment.description,
    isReadOnly: false,
    mode: 'WRITE_ONLY',
    vhosts: environment.vhosts.map((vhost) => ({
      host: vhost.host,
      httpContext: vhost.httpContext,
      httpPort: vhost.httpPort,
      httpsPort: vhost.httpsPort,
      wsPort: vhost.wsPort,
      wssPort: vhost.wssPort,
    })),
    endpointURIs: [],
    additionalProperties: [],
    permissions: { permissionType: 'PUBLIC', roles: [] },
    status: 'Active',
  };
}
