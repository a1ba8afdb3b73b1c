import {
  type Api,
  basePathOf,
  type Deployment,
  defaultBasePathOf,
  type GatewayEnvironment,
  type JsonObject,
  type VirtualHost,
} from '@sluice/model';
import type { OrganizationStore } from '@sluice/store';

/** Where an API is served in one gateway environment. */
export interface ServedAt {
  readonly environment: GatewayEnvironment;
  readonly vhost: VirtualHost;
}

/** The environments that serve an API and that its publisher shows to consumers. */
export async function servedAt(organization: OrganizationStore, api: Api): Promise<ServedAt[]> {
  const deployments = await organization.deployments.list(api.id);
  const places: ServedAt[] = [];
  for (const deployment of deployments) {
    if (!deployment.displayOnDevportal) continue;
    const environment = await organization.environments.find(deployment.environment);
    const vhost = environment && vhostOf(environment, deployment);
    if (vhost) places.push({ environment, vhost });
  }
  return places;
}

function vhostOf(environment: GatewayEnvironment, deployment: Deployment): VirtualHost | undefined {
  return environment.vhosts.find(({ host }) => host === deployment.vhost) ?? environment.vhosts[0];
}

/** WSO2's `endpointURLs`. */
export function endpointUrls(api: Api, places: readonly ServedAt[]): JsonObject[] {
  return places.map(({ environment, vhost }) => ({
    environmentName: environment.name,
    environmentDisplayName: environment.displayName,
    environmentType: environment.type,
    URLs: urls(api, vhost, basePathOf(api)),
    defaultVersionURLs: api.isDefaultVersion ? urls(api, vhost, defaultBasePathOf(api)) : {},
  }));
}

/** The URLs of one place, by scheme; only those of the API's own transports. */
export function urls(api: Api, vhost: VirtualHost, path: string): Record<string, string> {
  const found: Record<string, string> = {};
  const webSocket = api.type === 'WS';
  const add = (scheme: keyof typeof wellKnownPorts, port: number, transport: string) => {
    if (!api.transport.includes(transport)) return;
    const authority = port === wellKnownPorts[scheme] ? vhost.host : `${vhost.host}:${port}`;
    const prefix = vhost.httpContext === '' || webSocket ? '' : `/${vhost.httpContext}`;
    found[scheme] = `${scheme}://${authority}${prefix}${path}`;
  };
  if (webSocket) {
    add('ws', vhost.wsPort, 'http');
    add('wss', vhost.wssPort, 'https');
  } else {
    add('http', vhost.httpPort, 'http');
    add('https', vhost.httpsPort, 'https');
  }
  return found;
}

const wellKnownPorts = { http: 80, https: 443, ws: 80, wss: 443 };
