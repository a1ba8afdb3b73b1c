import type { Settings } from '@sluice/config';
import type { GatewayOptions } from '@sluice/gateway';

/** What of the settings concerns the headers that the gateway writes or takes away. */
export function headerOptions(settings: Settings): Pick<GatewayOptions, 'headers' | 'serverHeader' | 'warnOn500'> {
  return {
    headers: {
      xForwarded: settings.get('sluice.gateway.x_forwarded'),
      forwarded: settings.get('sluice.gateway.forwarded'),
      via: settings.get('sluice.gateway.via'),
      correlation: {
        name: settings.get('passthru_http.correlation_header_name'),
        send: settings.get('sluice.gateway.send_correlation_id'),
      },
      userAgent: settings.get('passthru_http.http.user.agent.preserve')
        ? null
        : settings.get('passthru_http.http.useragent'),
      preserved: settings.get('passthru_http.http.headers.preserve'),
    },
    serverHeader: {
      name: settings.get('passthru_http.http.origin-server'),
      passesOn:
        settings.get('passthru_http.http.server.preserve') ||
        settings.get('passthru_http.http.response.headers.preserve').some((name) => name.toLowerCase() === 'server'),
    },
    warnOn500: settings.get('transport.http.sender.warn_on_http_500'),
  };
}
