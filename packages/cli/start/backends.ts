import type { RowOf, Settings } from '@sluice/config';
import type { WorkerOptions } from '../workers/messages.ts';

type Profile = RowOf<'transport.http.proxy_profile'> | RowOf<'transport.http.secured_proxy_profile'>;

/** How the gateway finds and reaches backends, and how long it keeps connections to them. */
export function backendOptions(settings: Settings): Pick<WorkerOptions, 'pool' | 'dial'> {
  return {
    pool: {
      maxPerRoute: Math.max(1, share(settings, settings.get('passthru_http.http.max.connection.per.host.port'))),
      maxPending: share(settings, settings.get('passthru_http.http.max.messages.per.host.port')),
      idleTime: idleTime(settings),
      graceTime: settings.get('passthru_http.transport.sender.connection.grace.time'),
      maxLifespan: settings.get('passthru_http.transport.sender.connection.maximum.lifespan'),
      keepAlive: !settings.get('passthru_http.http.connection.disable.keepalive'),
    },
    dial: {
      names: {
        ttl: settings.get('sluice.gateway.dns_ttl') * 1000,
        stale: settings.get('sluice.gateway.dns_stale') * 1000,
        timeout: settings.get('sluice.gateway.dns_timeout'),
      },
      proxies: {
        ...everything(settings),
        plain: settings.rows('transport.http.proxy_profile').map(profile),
        secured: settings.rows('transport.http.secured_proxy_profile').map(profile),
      },
    },
  };
}

/** The part of one process in a bound of the whole gateway: together they never exceed it. */
function share(settings: Settings, whole: number): number {
  const part = Math.floor(whole / Math.max(1, settings.get('gateway.workers') ?? 1));
  return whole > 0 ? Math.max(1, part) : 0;
}

/** WSO2's rule: with an explicit grace time the explicit idle time does not count (wso2-gateway.md 1.2). */
function idleTime(settings: Settings): number {
  const grace = 'passthru_http.transport.sender.connection.grace.time';
  const socket = settings.get('passthru_http.http.socket.timeout');
  if (settings.origin(grace).kind === 'default' || socket === 0) {
    return settings.get('passthru_http.transport.sender.connection.idle.time');
  }
  return Math.max(0, socket - settings.get(grace));
}

function everything(settings: Settings) {
  const host = settings.get('transport.http.sender.proxy_host');
  if (host === undefined) return {};
  const port = settings.get('transport.http.sender.proxy_port');
  return { everything: { host, port, bypass: settings.get('transport.http.sender.non_proxy_hosts') } };
}

/** Profiles that lack something were refused when the settings were read. */
function profile({ target_hosts, proxy_host, proxy_port, proxy_username, proxy_password, bypass_hosts }: Profile) {
  return {
    host: proxy_host ?? '',
    port: proxy_port,
    ...(proxy_username === undefined ? {} : { username: proxy_username }),
    ...(proxy_password === undefined ? {} : { password: proxy_password }),
    targets: target_hosts,
    bypass: bypass_hosts,
  };
}
