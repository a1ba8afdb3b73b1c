import type { Route } from '../call.ts';
import { authority, type OutgoingProxy } from './proxies.ts';

/** What is different in the requests of one route. Made once for each; empty strings for most. */
export interface RequestForm {
  /** Stands before the target: a proxy takes it in absolute form (RFC 9112 section 3.2.2). */
  readonly prefix: string;
  /** Header lines of this connection. */
  readonly own: string;
  /** The proxy that reads the requests; null when none does. */
  readonly proxy: OutgoingProxy | null;
}

/** The form of requests to a route. In a tunnel nobody but the backend reads them. */
export function requestForm({ host, port, tls }: Route, proxy: OutgoingProxy | null, keepAlive: boolean): RequestForm {
  const close = keepAlive ? '' : 'Connection: close\r\n';
  if (proxy === null || tls !== null) return { prefix: '', own: close, proxy: null };
  const backend = authority(host, port).replace(/:80$/, '');
  return { prefix: `http://${backend}`, own: close + proxy.authorization, proxy };
}
