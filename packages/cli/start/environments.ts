import type { RowOf, Settings } from '@sluice/config';
import type { ConfiguredEnvironment } from '@sluice/control-plane';
import type { VirtualHost } from '@sluice/model';

type Row = RowOf<'apim.gateway.environment'>;

/** `[[apim.gateway.environment]]`; one named `Default` where the settings name none. */
export function gatewayEnvironments(settings: Settings): ConfiguredEnvironment[] {
  return settings.rows('apim.gateway.environment').map((row) => ({
    name: row.name,
    displayName: row.display_name ?? row.name,
    description: row.description,
    type: row.type,
    vhost: vhostOf(row, settings.get('server.hostname')),
  }));
}

/** The gateway environment that the gateway of this process serves: the first. */
export function gatewayEnvironment(settings: Settings): Pick<ConfiguredEnvironment, 'name' | 'type'> {
  const [environment] = settings.rows('apim.gateway.environment');
  return { name: environment?.name ?? 'Default', type: environment?.type ?? 'hybrid' };
}

/** The ports that stand for one that the kernel chooses, which is not known beforehand. */
const usualPorts = { http: 8280, https: 8243, ws: 9099, wss: 8099 };

/** WSO2 reads one host out of the four addresses; an address without a host of its own has that of the server. */
function vhostOf(row: Row, hostname: string): VirtualHost {
  const [https, http, wss, ws] = [row.https_endpoint, row.http_endpoint, row.wss_endpoint, row.ws_endpoint].map(
    (address) => new URL(address ?? ''),
  ) as [URL, URL, URL, URL];
  const named = [https, http, wss, ws].find((address) => address.hostname !== hostname) ?? https;
  return {
    host: named.hostname,
    httpPort: portOf(http, 80) || usualPorts.http,
    httpsPort: portOf(https, 443) || usualPorts.https,
    wsPort: portOf(ws, 80) || usualPorts.ws,
    wssPort: portOf(wss, 443) || usualPorts.wss,
    httpContext: https.pathname.replace(/^\/+|\/+$/g, ''),
  };
}

/** A port that is not written is that of the scheme. */
function portOf(address: URL, usual: number): number {
  return address.port === '' ? usual : Number(address.port);
}
