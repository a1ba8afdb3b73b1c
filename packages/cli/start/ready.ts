import type { Settings } from '@sluice/config';
import { version } from '../version.ts';
import { gatewayBinds } from './options.ts';

/** Base URLs of a gateway; undefined for a port that is not open. */
export interface GatewayUrls {
  readonly http: string | undefined;
  readonly https: string | undefined;
}

/** Where the parts of this process listen. */
export interface Endpoints {
  readonly gateway?: GatewayUrls;
  readonly controlPlane?: { readonly https: string; readonly http: string };
}

/** `https://host:port` as a client writes it: an address that means every interface is shown by the host's name. */
export function urlOf(scheme: 'http' | 'https', host: string, port: number, hostname: string): string {
  const shown = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? hostname : host;
  return `${scheme}://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}

/** The one line that says that everything serves, and since when. */
export function readyLine({ gateway, controlPlane }: Endpoints, millis: number): string {
  const parts = [
    gateway && `gateway ${[gateway.http, gateway.https].filter(Boolean).join(' and ')}`,
    controlPlane && `control plane ${controlPlane.https} and ${controlPlane.http}`,
  ];
  return `Sluice ${version} is ready in ${millis} ms: ${parts.filter(Boolean).join(', ')}`;
}

/** The base URLs of a data plane: of each listener that is open. */
export function gatewayUrls(
  settings: Settings,
  addresses: readonly { readonly port: number; readonly secure: boolean }[],
): GatewayUrls {
  const hostname = settings.get('server.hostname');
  const binds = gatewayBinds(settings);
  const url = (wanted: boolean): string | undefined => {
    const host = binds.find(({ secure }) => secure === wanted)?.host;
    const port = addresses.find(({ secure }) => secure === wanted)?.port;
    return host === undefined ? undefined : urlOf(wanted ? 'https' : 'http', host, port ?? 0, hostname);
  };
  return { http: url(false), https: url(true) };
}
