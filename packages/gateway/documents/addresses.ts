import type { CompiledApi } from '../snapshot/api.ts';
import type { DocumentOptions, Ports } from './options.ts';

/** URLs up to and with the version at which an API is called, TLS first; its own host name where it has one. */
export interface ApiAddresses {
  readonly https?: string;
  readonly http?: string;
}

/** Addresses of an API in definitions (wso2-gateway.md 1.3, `WSDLEPRPrefix`). */
export function addressesOf(api: CompiledApi, options: DocumentOptions, ports: Ports): ApiAddresses {
  const host = api.source.vhost ?? options.hostname;
  const https = prefix('https', 443, host, options.httpsPrefix, ports.https);
  const http = prefix('http', 80, host, options.httpPrefix, ports.http);
  const { basePath } = api.source;
  return {
    ...(api.overHttps && https !== undefined ? { https: https + basePath } : {}),
    ...(api.overHttp && http !== undefined ? { http: http + basePath } : {}),
  };
}

function prefix(scheme: string, usual: number, host: string, given: string | undefined, port: number | undefined) {
  if (given !== undefined) return given.replace(/\/+$/, '');
  if (port === undefined) return undefined;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `${scheme}://${name}${port === usual ? '' : `:${port}`}`;
}
