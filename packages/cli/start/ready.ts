import type { Settings } from '@sluice/config';
import { version } from '../version.ts';
import { gatewayBinds } from './options.ts';

/** Where the parts of this process listen. */
export interface Endpoints {
  readonly gateway?: { readonly http: string; readonly https: string };
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
    gateway && `gateway ${gateway.http} and ${gateway.https}`,
    controlPlane && `control plane ${controlPlane.https} and ${controlPlane.http}`,
  ];
  return `Sluice ${version} is ready in ${millis} ms: ${parts.filter(Boolean).join(', ')}`;
}

/** The base URLs of a data plane: its two listeners, in the order in which they are bound. */
export function gatewayUrls(
  settings: Settings,
  [http, https]: readonly { readonly port: number }[],
): { readonly http: string; readonly https: string } {
  const hostname = settings.get('server.hostname');
  const binds = gatewayBinds(settings);
  return {
    http: urlOf('http', binds.http.host, http?.port ?? 0, hostname),
    https: urlOf('https', binds.https.host, https?.port ?? 0, hostname),
  };
}
